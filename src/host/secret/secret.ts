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

/** Whether a text holds what a mask left behind. */
export function holdsMask(text: string): boolean {
  return /\[redacted(?:: [a-z0-9-]{1,40})?\]/.test(text);
}
