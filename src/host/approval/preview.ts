/** What a call would change, asked of our own filesystem server, or read from the arguments of another's edit tool. */
import type { BuiltinName } from '../../config/server-definition.ts';
import { isJsonObject, type Json, type JsonObject, jsonText } from '../../json.ts';
import type { CallOutcome, Registry } from '../../registry/contract.ts';
import type { ApprovalRequest } from '../tool-call/policy.ts';
import { diffText, foldDiff } from './diff-text.ts';

/** A question does not wait longer for its diff; it is asked without one. */
const PREVIEW_TIMEOUT_MS = 5_000;

export interface PreviewOptions {
  readonly registry: Pick<Registry, 'catalog' | 'call'>;
  /** Which of our own servers this is, if any. */
  readonly builtin: (server: string) => BuiltinName | undefined;
}

/** Never rejects, and changes nothing. Undefined where nothing can be told. */
export type Preview = (request: ApprovalRequest, args: JsonObject) => Promise<string | undefined>;

type Ask = (tool: string, args: JsonObject) => Promise<CallOutcome | undefined>;

export function createPreview({ registry, builtin }: PreviewOptions): Preview {
  return async (request, args) => {
    if (builtin(request.server) !== 'filesystem') return diffOfArguments(request, args);
    const ask: Ask = async (tool, toolArguments) => {
      const entry = registry
        .catalog()
        .tools.find(({ server, definition }) => server === request.server && definition.name === tool);
      if (entry === undefined) return undefined;
      const { signal } = request;
      return registry.call(entry.name, toolArguments, { signal, timeoutMs: PREVIEW_TIMEOUT_MS });
    };
    switch (request.ownName) {
      case 'edit_file':
        return editedFile(ask, args);
      case 'write_file':
        return writtenFile(ask, jsonText(args['path']), jsonText(args['content']));
      case 'move_file':
        return movedFile(ask, args);
      default:
        return undefined;
    }
  };
}

async function editedFile(ask: Ask, args: JsonObject): Promise<string | undefined> {
  const outcome = await ask('edit_file', { ...args, dryRun: true });
  if (outcome?.type === 'tool-error') return `[It would fail: ${outcome.message}]`;
  const diff = factsOf(outcome)?.['diff'];
  return typeof diff === 'string' ? foldDiff(diff) : undefined;
}

async function writtenFile(ask: Ask, path: string, content: string): Promise<string | undefined> {
  const info = await ask('file_info', { path });
  if (info?.type === 'tool-error') {
    if (/ does not exist\./.test(info.message))
      return diffText({ name: path, before: undefined, after: content });
    return `[It would fail: ${info.message}]`;
  }
  const facts = factsOf(info);
  if (facts === undefined) return undefined;
  const kind = jsonText(facts['content'] ?? facts['type']);
  if (facts['type'] === 'file' && !kind.startsWith('text'))
    return `[${path} is binary (${kind}, ${jsonText(facts['sizeBytes'])} bytes); text takes its place.]`;
  const read = await ask('read_file', { path });
  if (read?.type === 'tool-error') return `[What is there cannot be shown: ${read.message}]`;
  const before = factsOf(read)?.['content'];
  return typeof before === 'string' ? diffText({ name: path, before, after: content }) : undefined;
}

async function movedFile(ask: Ask, args: JsonObject): Promise<string | undefined> {
  const [source, destination] = [jsonText(args['source']), jsonText(args['destination'])];
  const lines = [`rename from ${source}`, `rename to ${destination}`];
  if (args['overwrite'] !== true) return lines.join('\n');
  const facts = factsOf(await ask('file_info', { path: destination }));
  if (facts === undefined) return lines.join('\n');
  return [...lines, `[${destination} is there (${jsonText(facts['sizeBytes'])} bytes) and is lost.]`].join(
    '\n',
  );
}

function factsOf(outcome: CallOutcome | undefined): JsonObject | undefined {
  const facts = outcome?.type === 'complete' ? outcome.result['structuredContent'] : undefined;
  return isJsonObject(facts) ? facts : undefined;
}

const TEXT_PAIRS = [
  ['old_string', 'new_string'],
  ['old_str', 'new_str'],
  ['oldText', 'newText'],
  ['old_text', 'new_text'],
] as const;

/** Of a tool that we do not know: a patch as it stands, or the two texts of a replacement. */
async function diffOfArguments(request: ApprovalRequest, args: JsonObject): Promise<string | undefined> {
  const patch = [args['diff'], args['patch']].find(isPatch);
  if (patch !== undefined) return foldDiff(patch);
  const pair = TEXT_PAIRS.find((keys) => keys.every((key) => typeof args[key] === 'string'));
  if (pair === undefined) return undefined;
  const name = jsonText(args['path'] ?? args['file_path'] ?? args['filename'] ?? request.ownName);
  const [before, after] = pair.map((key) => jsonText(args[key]));
  return diffText({ name, before, after: after ?? '' });
}

function isPatch(value: Json | undefined): value is string {
  return typeof value === 'string' && /^(?:@@ |--- |diff )/m.test(value) && /^[+-]/m.test(value);
}
