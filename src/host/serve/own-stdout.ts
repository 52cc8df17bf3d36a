/** Standard output for the protocol alone: whatever else writes there, such as a dependency, writes to standard error. */
import type { Writable } from 'node:stream';

export interface ProtocolOutput {
  readonly stream: Writable;
  /** False where it is not taken at once: the stream says `drain` when it is. */
  readonly write: (text: string) => boolean;
}

/** From now on, for the life of the process. */
export function takeStdout(): ProtocolOutput {
  const { stdout, stderr } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  return { stream: stdout, write: (text) => write(text) };
}
