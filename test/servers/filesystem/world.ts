/** A folder with a root, a place outside it and a state folder, and the server over the root as a child process. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { startServer } from '../../fixtures/start-server.ts';
import type { StartedServer } from '../../fixtures/start-server.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

export interface World extends AsyncDisposable {
  readonly root: string;
  readonly outside: string;
  readonly home: string;
  readonly server: StartedServer;
  call: StartedServer['call'];
  /** Writes a file below the root, with its folders. */
  put(path: string, content: string | Uint8Array): Promise<string>;
}

export async function openWorld(
  options: { args?: string[]; files?: Record<string, string>; homeInRoot?: boolean } = {},
): Promise<World> {
  const folder = await temporaryFolder('filesystem');
  const root = join(folder.path, 'root');
  const outside = join(folder.path, 'outside');
  const home = join(options.homeInRoot === true ? root : folder.path, 'home');
  for (const path of [root, outside, home]) await mkdir(path, { recursive: true });
  await writeFile(join(outside, 'secret.txt'), 'the secret\n');
  const put = async (path: string, content: string | Uint8Array): Promise<string> => {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await writeFile(full, content);
    return full;
  };
  for (const [path, content] of Object.entries(options.files ?? {})) await put(path, content);
  const args = ['--root', root, ...(options.args ?? [])];
  const server = await startServer('filesystem', {
    args,
    cwd: root,
    env: { SWITCHYARD_HOME: home, HOME: outside },
  });
  return {
    root,
    outside,
    home,
    server,
    call: (tool, toolArguments) => server.call(tool, toolArguments),
    put,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
