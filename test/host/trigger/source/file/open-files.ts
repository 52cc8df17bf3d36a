/** A file trigger over a folder of its own, which can be opened again as after a restart. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { FileTriggerConfig } from '../../../../../src/config/trigger-file-schema.ts';
import { openState } from '../../../../../src/host/state.ts';
import { jsonText } from '../../../../../src/json.ts';
import type { TriggerSource } from '../../../../../src/host/trigger/source.ts';
import {
  type FileSurroundings,
  openFileSource,
} from '../../../../../src/host/trigger/source/file/file-source.ts';
import { createSourceMemory } from '../../../../../src/host/trigger/source-memory.ts';
import { type RecordingSource, recordingSource } from '../../../../fixtures/recording-source.ts';
import { temporaryFolder } from '../../../../fixtures/temporary-folder.ts';

export interface Files extends AsyncDisposable {
  readonly folder: string;
  readonly told: RecordingSource;
  open(file?: Partial<FileTriggerConfig>, around?: Partial<FileSurroundings>): Promise<TriggerSource>;
  close(): Promise<void>;
  /** Its folders are made. */
  write(path: string, text?: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** As if the program had been killed before it had written down that it saw the file. */
  forgetSeen(path: string): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** `added a.txt`, in any order. */
  readonly changes: () => readonly string[];
}

export async function openFiles(): Promise<Files> {
  const temporary = await temporaryFolder('file-trigger');
  const folder = join(temporary.path, 'project');
  const homeFolder = join(folder, 'home');
  await mkdir(homeFolder, { recursive: true });
  const state = openState(homeFolder);
  const memory = createSourceMemory(state, { configFile: '/config.json', trigger: 'files' });
  const told = recordingSource('files');
  let source: TriggerSource | undefined;
  const files: Files = {
    folder,
    told,
    async open(file = {}, around = {}) {
      const settings = { paths: ['.'], settleMs: 60, ...file };
      source = await openFileSource(settings, told, { folder, homeFolder, memory, ...around });
      return source;
    },
    async close() {
      await source?.[Symbol.asyncDispose]();
      source = undefined;
    },
    async write(path, text = path) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    },
    remove: (path) => rm(join(folder, path), { recursive: true }),
    forgetSeen: (path) => memory.put([[join(folder, path), undefined]]),
    move: (from, to) => rename(join(folder, from), join(folder, to)),
    changes: () =>
      told.events.map(({ data }) => `${jsonText(data['change'])} ${jsonText(data['path'])}`).sort(),
    async [Symbol.asyncDispose]() {
      await files.close();
      state[Symbol.dispose]();
      await temporary[Symbol.asyncDispose]();
    },
  };
  return files;
}
