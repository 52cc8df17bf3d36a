/** One secret in a text, by UTF-16 offsets, end exclusive. */
export interface Secret {
  readonly start: number;
  readonly end: number;
  /** What kind of secret, where its shape tells: `github-token`. */
  readonly kind?: string;
}

export function maskOf(kind: string | undefined): string {
  return kind === undefined ? '[redacted]' : `[redacted: ${kind}]`;
}

const MASK = /\[redacted(?:: [a-z0-9-]{1,40})?\]/g;

/** Whether a text holds what a mask left behind. */
export function holdsMask(text: string): boolean {
  return text.search(MASK) >= 0;
}

export function replaceMasks(text: string, by: string): string {
  return text.replaceAll(MASK, () => by);
}
