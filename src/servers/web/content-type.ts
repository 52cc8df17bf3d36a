/** What a page is, and how its bytes become text. */
export type ContentKind = 'html' | 'text' | 'pdf' | 'image' | 'binary';

const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const TEXT_TYPE =
  /^text\/|[/+](?:json|xml|yaml|toml)$|^application\/(?:x-)?(?:javascript|ecmascript|typescript|ndjson|jsonl|yaml|toml|sh|sql|graphql|x-www-form-urlencoded)$/;
const SNIFF_BYTES = 1_024;

/** `text/html; charset=x` gives `text/html`; a missing or meaningless header is decided by the first bytes. */
export function mimeTypeOf(contentType: string, body: Buffer): string {
  const declared = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return declared === '' || declared === 'application/octet-stream' || !declared.includes('/')
    ? sniff(body)
    : declared;
}

export function kindOf(mimeType: string): ContentKind {
  if (mimeType === 'text/html' || mimeType === 'application/xhtml+xml') return 'html';
  if (mimeType === 'application/pdf') return 'pdf';
  if (IMAGE_TYPES.has(mimeType)) return 'image';
  return TEXT_TYPE.test(mimeType) || mimeType === 'image/svg+xml' ? 'text' : 'binary';
}

/** By byte order mark, header, `<meta>` (HTML only), else UTF-8; in this order, as browsers do. */
export function decodeBody(body: Buffer, contentType: string, isHtml: boolean): string {
  const label =
    markOf(body) ??
    /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1] ??
    (isHtml ? metaCharset(body) : undefined);
  return decoderFor(label ?? 'utf-8').decode(body);
}

function decoderFor(label: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(label);
  } catch (error) {
    // A page may name an encoding that nobody knows; UTF-8 is then the best guess.
    if (error instanceof RangeError) return new TextDecoder('utf-8');
    throw error;
  }
}

function markOf(body: Buffer): string | undefined {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return 'utf-8';
  if (body[0] === 0xfe && body[1] === 0xff) return 'utf-16be';
  if (body[0] === 0xff && body[1] === 0xfe) return 'utf-16le';
  return undefined;
}

function metaCharset(body: Buffer): string | undefined {
  const head = body.toString('latin1', 0, 2 * SNIFF_BYTES);
  const label = /<meta[^>]+charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(head)?.[1];
  // A page whose <meta> could be read as ASCII is not UTF-16.
  return label !== undefined && /^utf-16/i.test(label) ? 'utf-8' : label;
}

function sniff(body: Buffer): string {
  const start = body.subarray(0, SNIFF_BYTES);
  const text = start.toString('latin1');
  if (text.startsWith('%PDF-')) return 'application/pdf';
  if (text.startsWith('\u{89}PNG')) return 'image/png';
  if (text.startsWith('\u{FF}\u{D8}\u{FF}')) return 'image/jpeg';
  if (text.startsWith('GIF8')) return 'image/gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (start.includes(0)) return 'application/octet-stream';
  return /<(?:!doctype html|html|head|body|title|meta|p|div|h1)[\s>]/i.test(text)
    ? 'text/html'
    : 'text/plain';
}
