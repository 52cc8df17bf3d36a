import { resolve } from 'node:path';

import { isCalled } from '../../by-name.ts';
import { HostError } from '../../errors.ts';
import type { CallFlags } from './commands.ts';
import { EXIT, exitCodeOfRun } from './exit-code.ts';
import { openHost } from './open-host.ts';
import { RunPrinter } from './run-printer.ts';

const INGEST = 'retrieval__ingest';

/** Fills the retrieval server. The person asked for it by this command, so nothing is asked again. */
export async function ingest(paths: readonly string[], flags: CallFlags): Promise<void> {
  await using opened = await openHost({ ...flags, yes: true });
  const { host, output, signal } = opened;
  await host.registry.ready({ signal });
  if (!host.registry.catalog().tools.some((tool) => isCalled(tool, INGEST))) {
    throw new HostError(
      'no-retrieval',
      'There is no retrieval server. Add "retrieval": { "builtin": "retrieval" } under mcpServers.',
    );
  }
  const absolute = paths.map((path) => (/^https?:\/\//.test(path) ? path : resolve(path)));
  // However large the folder, its progress keeps the call alive; Ctrl-C ends it.
  const handle = host.call(INGEST, { paths: absolute }, { signal });
  const printer = new RunPrinter({ output, live: false, asked: true });
  for await (const event of handle.events()) await printer.show(event);
  const outcome = await handle.result;
  if (outcome.type !== 'done') {
    output.status(outcome.type === 'failed' ? outcome.error.message : outcome.message);
    process.exitCode = exitCodeOfRun(outcome);
    return;
  }
  const { result, content, isError } = outcome.output;
  const text = content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  await output.data(
    flags.json ? `${JSON.stringify(result?.['structuredContent'] ?? result, null, 2)}\n` : `${text}\n`,
  );
  if (isError) process.exitCode = EXIT.failed;
}
