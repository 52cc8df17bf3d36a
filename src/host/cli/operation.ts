/** What `read` and `prompt` share: one request to a server and its answer, whole with --json, else its text. */
import type { Json, JsonObject } from '../../json.ts';
import { isJsonObject, jsonText } from '../../json.ts';
import type { CallOptions, CallOutcome } from '../../registry/contract.ts';
import type { CallFlags } from './commands.ts';
import { EXIT } from './exit-code.ts';
import { type OpenedHost, openHost } from './open-host.ts';

export async function operate(
  flags: CallFlags,
  request: (opened: OpenedHost, options: CallOptions) => Promise<CallOutcome>,
  blocks: (result: JsonObject) => Json | undefined,
): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output, signal } = opened;
  await host.registry.ready({ signal });
  const outcome = await request(opened, {
    signal,
    ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout * 1_000 }),
  });
  switch (outcome.type) {
    case 'complete': {
      const found = blocks(outcome.result);
      const text = (Array.isArray(found) ? found.filter(isJsonObject) : []).map(textOf).join('\n');
      await output.data(flags.json ? `${JSON.stringify(outcome.result, null, 2)}\n` : `${text}\n`);
      return;
    }
    case 'tool-error':
    case 'uncertain':
      output.status(outcome.message);
      break;
    case 'input-required':
      output.status('The server asks for input that this command cannot give; use chat.');
      break;
    default:
      outcome satisfies never;
  }
  process.exitCode = EXIT.failed;
}

function textOf(block: JsonObject): string {
  if (typeof block['text'] === 'string') return block['text'];
  if (isJsonObject(block['content'])) return `${jsonText(block['role'])}: ${textOf(block['content'])}`;
  if (isJsonObject(block['resource'])) return textOf(block['resource']);
  return `[${jsonText(block['mimeType'] ?? block['type'])}; --json shows its data]`;
}
