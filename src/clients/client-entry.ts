/** One server as a client has it, before anything of it is understood. */
import type { Client } from './client.ts';

export interface ClientEntry {
  readonly client: Client;
  /** The file it stands in. */
  readonly file: string;
  /** The key of the server, where it is in that file. */
  readonly name: string;
  /** `user`: for all of a person's work; `project`: for the working folder. */
  readonly scope: 'user' | 'project';
  readonly written: Readonly<Record<string, unknown>>;
  /** What VS Code asks a person for. */
  readonly inputs: unknown;
}
