/** `node obtain-main.ts <folder>`: installs the embedder there, with progress on standard error; exit code 1 on failure. */
import { resolve } from 'node:path';

import { messageOf } from '../errors.ts';
import { obtainEmbedder } from './obtain.ts';

const EXIT_CODE_FAILED = 1;
const EXIT_CODE_USAGE = 2;

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  process.stderr.write('Usage: node obtain-main.ts <folder>\n');
  process.exitCode = EXIT_CODE_USAGE;
} else {
  try {
    await obtainEmbedder({
      folder: resolve(folder),
      onProgress: (message) => process.stderr.write(`${message}\n`),
    });
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = EXIT_CODE_FAILED;
  }
}
