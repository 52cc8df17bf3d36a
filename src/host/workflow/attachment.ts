/** What a person sends along with a request: files of the working folder and resources of servers. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { CallOutcome, Registry } from '../../registry/contract.ts';
import type { RunContext } from '../context.ts';
import type { Guards } from '../guard/verdict.ts';
import type { InputPart } from '../model/model.ts';
import { contentForModel } from '../tool-call/content.ts';

export type Attachment =
  /** Read by the filesystem server, under its rules. */
  { readonly type: 'file'; readonly path: string } | { readonly type: 'resource'; readonly uri: string };

/**
 * Takes the content of attachments, each in steps of a branch of its own, and gives it as delimited parts of the user's
 * message. Rejects with HostError `attachment-failed` before a model is asked.
 */
export type Attach = (
  context: RunContext,
  attachments: readonly Attachment[],
) => Promise<readonly InputPart[]>;

export interface AttachOptions {
  readonly registry: Pick<Registry, 'catalog' | 'read'>;
  readonly guards: Guards;
  readonly maxCharacters: number;
}

export function createAttach(options: AttachOptions): Attach {
  return async (context, attachments) => {
    const parts: InputPart[] = [];
    for (const [index, attachment] of attachments.entries()) {
      const branch = context.branch(`attachment-${index + 1}`);
      const callId = `attachment-${index + 1}`;
      const content =
        attachment.type === 'file'
          ? await readFile(branch, callId, attachment.path, options)
          : await readResource(branch, callId, attachment.uri, options);
      const source = attachment.type === 'file' ? attachment.path : attachment.uri;
      parts.push(...delimited(`${attachment.type} ${source}`, content));
    }
    return parts;
  };
}

async function readFile(
  context: RunContext,
  callId: string,
  path: string,
  { registry }: AttachOptions,
): Promise<readonly InputPart[]> {
  const name = await context.step('find-reader', async () => fileReader(registry) ?? '');
  if (name === '')
    throw failed(
      path,
      'no server reads files; add "filesystem": { "builtin": "filesystem", "roots": ["."] } under mcpServers',
    );
  const result = await context.tools.call(context, { callId, name, arguments: { path } });
  if (result.isError) throw failed(path, result.message ?? 'the server could not read it');
  return result.content;
}

/** The tool of the filesystem server, under whatever name the config gives it. */
function fileReader(registry: Pick<Registry, 'catalog'>): string | undefined {
  const readers = registry
    .catalog()
    .tools.filter(({ definition }) => definition.name === 'read_file' && takesPath(definition.inputSchema));
  return (readers.find(({ server }) => server === 'filesystem') ?? readers[0])?.name;
}

function takesPath(schema: JsonObject): boolean {
  return isJsonObject(schema['properties']) && schema['properties']['path'] !== undefined;
}

/** Not a tool call, but shown and guarded as one: it brings text of a server into the conversation. */
async function readResource(
  context: RunContext,
  callId: string,
  uri: string,
  { registry, guards, maxCharacters }: AttachOptions,
): Promise<readonly InputPart[]> {
  const name = 'resources/read';
  const server = registry.catalog().resources.find((entry) => entry.uri === uri)?.server ?? '';
  context.emit({ type: 'tool-call-start', callId, name, server, arguments: { uri } });
  const read = await context.step('read', async (step) => {
    const started = performance.now();
    const outcome = await registry.read(uri, { signal: step.signal });
    const durationMs = performance.now() - started;
    if (outcome.type !== 'complete') return { durationMs, problem: problemOf(outcome), content: [] };
    const result = asToolResult(outcome.result);
    const decision = await guards.toolResult({ callId, name, server, result }, step);
    if (decision.type === 'deny') return { durationMs, problem: decision.reason, content: [] };
    return { durationMs, problem: '', content: contentForModel(decision.value, maxCharacters) };
  });
  const text = read.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  context.emit({
    type: 'tool-call-end',
    callId,
    name,
    server,
    outcome: read.problem === '' ? 'complete' : 'tool-error',
    sizeBytes: Buffer.byteLength(text),
    text,
    durationMs: read.durationMs,
    ...(read.problem === '' ? {} : { error: { code: 'tool-error', message: read.problem } }),
  });
  if (read.problem !== '') throw failed(uri, read.problem);
  return read.content;
}

function problemOf(outcome: Exclude<CallOutcome, { type: 'complete' }>): string {
  return outcome.type === 'input-required' ? 'its server asks for input first' : outcome.message;
}

/** The contents of a resource as the blocks of a tool's answer (spec: server/tools, "Embedded Resources"). */
function asToolResult(result: JsonObject): JsonObject {
  const contents = Array.isArray(result['contents']) ? result['contents'].filter(isJsonObject) : [];
  return { content: contents.map((resource) => ({ type: 'resource', resource })) };
}

function delimited(source: string, content: readonly InputPart[]): readonly InputPart[] {
  const label = JSON.stringify(source);
  return [
    { type: 'text', text: `<attachment source=${label}>\n` },
    ...content,
    { type: 'text', text: `\n</attachment source=${label}>` },
  ];
}

function failed(source: string, reason: string): HostError {
  return new HostError('attachment-failed', `${source} could not be attached: ${reason}.`);
}
