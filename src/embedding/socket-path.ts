/** Where the embedder process of a home folder and a model listens. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

import { unavailable } from './layout.ts';

/** Changes whenever the frames change, so that two versions of the program never talk to each other. */
const PROTOCOL_VERSION = 1;
/** macOS allows 104 bytes with the final zero, Linux 108. */
const LONGEST_SOCKET_PATH_BYTES = 100;

/**
 * Another model, home or protocol is another address: a changed model starts a process of its own and the old one ends when
 * idle. Where the home folder's path is too long for a socket, the address lies in a folder of ours among the temporary ones.
 */
export function socketPath(home: string, modelFolder: string, embedderId: string): string {
  const parts = [PROTOCOL_VERSION, home, modelFolder, embedderId];
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\switchyard-embedder-${hash}`;
  const path = join(home, `embedder-${hash}.sock`);
  return Buffer.byteLength(path) <= LONGEST_SOCKET_PATH_BYTES
    ? path
    : join(privateTemporaryFolder(), `${hash}.sock`);
}

function privateTemporaryFolder(): string {
  const { uid } = userInfo();
  const folder = join(tmpdir(), `switchyard-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  const openToOthers = (found.mode & 0o077) !== 0;
  if (!found.isDirectory() || found.uid !== uid || openToOthers) {
    throw unavailable(
      `${folder} is not a folder that only this user can enter, so the embedder's socket was not put there. ` +
        'Remove it, or set SWITCHYARD_HOME to a folder with a shorter path.',
    );
  }
  return folder;
}
