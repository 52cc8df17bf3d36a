const KEY_SHAPES = [
  /\b(?:sk|pk|rk|gsk|xai)[-_][A-Za-z0-9_*.-]{6,}/g,
  /\bAIza[A-Za-z0-9_-]{10,}/g,
  /\bBearer\s+[^\s"',;]+/gi,
  /(?<=:\/\/)[^/@\s]+@/g,
];

/** Takes the given secrets, and whatever has the shape of a key or of credentials in a URL, out of a text. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= 4) clean = clean.replaceAll(secret, '[redacted]');
  }
  for (const shape of KEY_SHAPES) clean = clean.replaceAll(shape, '[redacted]');
  return clean;
}
