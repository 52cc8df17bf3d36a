import type { ToolCallResult } from '../context.ts';
import { contentPieces } from '../tool-call/content.ts';
import type { CallFlags } from './commands.ts';
import { EXIT, exitCodeOfRun } from './exit-code.ts';
import { jsonArgument } from './json-argument.ts';
import { openHost } from './open-host.ts';
import { RunPrinter } from './run-printer.ts';

/** One tool call. stdout carries what the tool answered. */
export async function call(tool: string, json: string | undefined, flags: CallFlags): Promise<void> {
  const args = await jsonArgument(json, '{"path": "README.md"}');
  await using opened = await openHost({ onAsk: 'wait', ...flags });
  const { host, output, signal } = opened;
  await host.registry.ready({ signal });
  const handle = host.call(tool, args, {
    signal,
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1_000 }),
  });
  const printer = new RunPrinter({ output, live: false, asked: true });
  for await (const event of handle.events()) if (!flags.json) await printer.show(event);
  const outcome = await handle.result;
  if (outcome.type !== 'done') {
    output.status(outcome.type === 'failed' ? outcome.error.message : outcome.message);
    process.exitCode = exitCodeOfRun(outcome);
    return;
  }
  if (outcome.output.outcome === 'waiting') {
    if (flags.json) await output.data(`${JSON.stringify(outcome.output, null, 2)}\n`);
    else output.status(`${outcome.output.message ?? ''} With --yes it runs at once.`);
    process.exitCode = EXIT.waiting;
    return;
  }
  await output.data(
    flags.json
      ? `${JSON.stringify(outcome.output.result ?? outcome.output, null, 2)}\n`
      : wholeText(outcome.output),
  );
  if (outcome.output.isError) process.exitCode = EXIT.failed;
}

/** The whole answer: what only a model is spared, a person who asked for it is not. */
function wholeText({ result, content, stored }: ToolCallResult): string {
  const parts = result && stored ? contentPieces(result) : content;
  const texts = parts.map((part) =>
    part.type === 'text' ? part.text : `[${part.mimeType}; --json shows its data]`,
  );
  return `${texts.join('\n')}\n`;
}
