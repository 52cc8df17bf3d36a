/** Reads single members of a zip archive (PKWARE APPNOTE 6.3.10, without zip64 and encryption, which wheels do not use). */
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const LONGEST_COMMENT_BYTES = 65_535;
const STORED = 0;
const DEFLATED = 8;

/** The content of the member with this exact name. Throws when it is not there or the archive is damaged. */
export function readZipMember(archive: Buffer, name: string): Buffer {
  const entry = findEntry(archive, name);
  if (entry === undefined) throw new Error(`The archive holds no member '${name}'.`);
  const header = entry.headerOffset;
  if (header + LOCAL_HEADER_BYTES > archive.length || archive.readUInt32LE(header) !== LOCAL_HEADER) {
    throw new Error(`The archive is damaged: no local header for '${name}'.`);
  }
  const start =
    header + LOCAL_HEADER_BYTES + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28);
  const packed = archive.subarray(start, start + entry.packedBytes);
  if (packed.length !== entry.packedBytes) throw new Error(`The archive is cut short within '${name}'.`);
  const content = unpack(packed, entry);
  if (content.length !== entry.sizeBytes)
    throw new Error(`'${name}' unpacks to ${content.length} bytes, not ${entry.sizeBytes}.`);
  return content;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly headerOffset: number;
}

function unpack(packed: Buffer, entry: Entry): Buffer {
  if (entry.method === STORED) return packed;
  if (entry.method === DEFLATED) return inflateRawSync(packed, { maxOutputLength: entry.sizeBytes + 1 });
  throw new Error(
    `'${entry.name}' is compressed by method ${entry.method}; only stored and deflated members are read.`,
  );
}

function findEntry(archive: Buffer, name: string): Entry | undefined {
  const end = endOfDirectory(archive);
  const count = archive.readUInt16LE(end + 10);
  let offset = archive.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (offset + DIRECTORY_ENTRY_BYTES > archive.length || archive.readUInt32LE(offset) !== DIRECTORY_ENTRY) {
      throw new Error('The archive is damaged: its directory is cut short.');
    }
    const nameBytes = archive.readUInt16LE(offset + 28);
    const nameStart = offset + DIRECTORY_ENTRY_BYTES;
    if (archive.toString('utf8', nameStart, nameStart + nameBytes) === name) {
      return {
        name,
        method: archive.readUInt16LE(offset + 10),
        packedBytes: archive.readUInt32LE(offset + 20),
        sizeBytes: archive.readUInt32LE(offset + 24),
        headerOffset: archive.readUInt32LE(offset + 42),
      };
    }
    offset = nameStart + nameBytes + archive.readUInt16LE(offset + 30) + archive.readUInt16LE(offset + 32);
  }
  return undefined;
}

function endOfDirectory(archive: Buffer): number {
  const last = archive.length - END_OF_DIRECTORY_BYTES;
  for (let offset = last; offset >= Math.max(0, last - LONGEST_COMMENT_BYTES); offset -= 1) {
    if (archive.readUInt32LE(offset) === END_OF_DIRECTORY) return offset;
  }
  throw new Error('This is no zip archive: it has no directory.');
}
