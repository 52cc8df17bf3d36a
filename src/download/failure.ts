/** How a download fails. `code` is stable; the caller adds what to do about it. */
export class DownloadFailure extends Error {
  readonly code: 'cut' | 'refused' | 'altered' | 'disk-full';

  /**
   * `cut`: the transfer ended early or did not begin, and may go on later. `refused`: the server has not what was asked
   * for. `altered`: these are other bytes. `disk-full`: no room for the rest.
   */
  constructor(code: DownloadFailure['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'DownloadFailure';
    this.code = code;
  }
}

/** What writing threw, as a DownloadFailure where the disk or the quota is full; anything else unchanged. */
export function writeFailure(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  return new DownloadFailure(
    'disk-full',
    `The disk is full: ${file} could not be written to its end.`,
    error,
  );
}
