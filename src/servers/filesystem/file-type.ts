/** What a file is by its first bytes. */
export type FileType = { readonly mimeType: string; readonly name: string };

const SIGNATURES: readonly (FileType & { readonly bytes: readonly number[]; readonly offset?: number })[] = [
  { mimeType: 'image/png', name: 'PNG image', bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mimeType: 'image/jpeg', name: 'JPEG image', bytes: [0xff, 0xd8, 0xff] },
  { mimeType: 'image/gif', name: 'GIF image', bytes: [0x47, 0x49, 0x46, 0x38] },
  { mimeType: 'image/webp', name: 'WebP image', bytes: [0x57, 0x45, 0x42, 0x50], offset: 8 },
  { mimeType: 'application/pdf', name: 'PDF document', bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { mimeType: 'application/zip', name: 'ZIP archive or office document', bytes: [0x50, 0x4b, 0x03, 0x04] },
  { mimeType: 'application/gzip', name: 'gzip archive', bytes: [0x1f, 0x8b] },
  { mimeType: 'application/zstd', name: 'Zstandard archive', bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { mimeType: 'application/x-xz', name: 'xz archive', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { mimeType: 'application/x-7z-compressed', name: '7-Zip archive', bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  {
    mimeType: 'application/vnd.sqlite3',
    name: 'SQLite database',
    bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20],
  },
  { mimeType: 'application/x-elf', name: 'Linux program', bytes: [0x7f, 0x45, 0x4c, 0x46] },
  { mimeType: 'application/wasm', name: 'WebAssembly module', bytes: [0x00, 0x61, 0x73, 0x6d] },
  { mimeType: 'audio/mpeg', name: 'MP3 audio', bytes: [0x49, 0x44, 0x33] },
  { mimeType: 'audio/ogg', name: 'Ogg audio or video', bytes: [0x4f, 0x67, 0x67, 0x53] },
  { mimeType: 'audio/wav', name: 'WAV audio', bytes: [0x57, 0x41, 0x56, 0x45], offset: 8 },
  { mimeType: 'video/mp4', name: 'MP4 video', bytes: [0x66, 0x74, 0x79, 0x70], offset: 4 },
];

const IMAGES_MODELS_SEE = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** Undefined for text and for what has no signature in the list. */
export function fileTypeOf(head: Buffer): FileType | undefined {
  return SIGNATURES.find(({ bytes, offset = 0 }) => bytes.every((byte, at) => head[offset + at] === byte));
}

export function isViewableImage(type: FileType | undefined): type is FileType {
  return type !== undefined && IMAGES_MODELS_SEE.has(type.mimeType);
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  const units = ['KB', 'MB', 'GB', 'TB'];
  let value = bytes / 1_024;
  let unit = 0;
  while (value >= 1_024 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}
