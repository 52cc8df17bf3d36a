/** What a person sends along with a request: files of the working folder and resources of servers. */
import { HostError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { isJsonObject } from '../../json.ts';
import type { Registry } from '../../registry/contract.ts';
import type { RunContext, ToolCallResult } from '../context.ts';
import type { InputPart } from '../model/model.ts';
import type { ReadResource } from '../tool-call/read-resource.ts';

export type Attachment =
  /** Read by the filesystem server, under its rules. */
  { readonly type: 'file'; readonly path: string } | { readonly type: 'resource'; readonly uri: string };

/**
 * Takes the content of attachments, each in steps of a branch of its own, as parts of the user's message that carry their
 * origin. Rejects with HostError `attachment-failed`, before a model is asked.
 */
export type Attach = (
  context: RunContext,
  attachments: readonly Attachment[],
) => Promise<readonly InputPart[]>;

export interface AttachOptions {
  readonly registry: Pick<Registry, 'catalog' | 'ready'>;
  readonly readResource: ReadResource;
}

export function createAttach({ registry, readResource }: AttachOptions): Attach {
  return async (context, attachments) => {
    const parts: InputPart[] = [];
    for (const [index, attachment] of attachments.entries()) {
      const callId = `attachment-${index + 1}`;
      const branch = context.branch(callId);
      const source = attachment.type === 'file' ? attachment.path : attachment.uri;
      const result =
        attachment.type === 'file'
          ? await readFile(branch, callId, attachment.path, registry)
          : await readResource(branch, callId, attachment.uri);
      if (result.isError) throw failed(source, result.message ?? 'the server could not read it');
      parts.push(...result.content.map((part) => withOrigin(part, `${attachment.type} ${source}`)));
    }
    return parts;
  };
}

async function readFile(
  context: RunContext,
  callId: string,
  path: string,
  registry: AttachOptions['registry'],
): Promise<ToolCallResult> {
  const name = await context.step('file-reader', async (step) => {
    await registry.ready({ signal: step.signal });
    return fileReader(registry) ?? '';
  });
  if (name === '')
    throw failed(
      path,
      'no server reads files; add "filesystem": { "builtin": "filesystem", "roots": ["."] } under mcpServers',
    );
  return context.tools.call(context, { callId, name, arguments: { path } });
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

function withOrigin(part: InputPart, origin: string): InputPart {
  return part.type === 'text' && part.byHost !== true ? { ...part, origin } : part;
}

function failed(source: string, reason: string): HostError {
  return new HostError('attachment-failed', `${source} could not be attached: ${reason}.`);
}
