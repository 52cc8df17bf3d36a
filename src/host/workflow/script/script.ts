/** A step that a person wrote in a file of its own, started from the config. */
import type { ScriptSource } from '../../../config/script-files.ts';
import { HostError, messageOf } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import { type Part, part } from '../pattern/part.ts';
import { type ScriptText, urlOfScript } from './module-hooks.ts';
import { tryScript } from './try-script.ts';
import { type ScriptWorkflow, workflowIn } from './workflow-in.ts';

/**
 * Rejects with HostError `script-invalid` where there is no workflow in it, `script-unaccepted` where it waits for a yes, and
 * `script-failed` where it rejects with no HostError of its own. `path`: as the config has it.
 */
export function script(path: string, source: ScriptSource | undefined): Part<Json, Json> {
  return part('script', {}, async (context, input) => {
    const run = await imported(path, source);
    let output: unknown;
    try {
      output = await run(context, input);
    } catch (thrown) {
      // A run that ends is told by what ended it.
      context.signal.throwIfAborted();
      if (thrown instanceof HostError) throw thrown;
      throw new HostError('script-failed', `The script ${path} failed: ${messageOf(thrown)}`, {
        cause: thrown,
      });
    }
    return asJson(path, output);
  });
}

/** Why the script cannot be used; undefined where it can. Never rejects. */
export async function scriptFault(source: ScriptSource): Promise<string | undefined> {
  switch (source.type) {
    case 'unreadable':
      return source.reason;
    case 'unaccepted':
      return 'nobody has accepted it yet';
    case 'read':
      return tried(source);
    default:
      return source satisfies never;
  }
}

/** By the hash of their text: trials under way, and of scripts that can be used. */
const faults = new Map<string, Promise<string | undefined>>();

function tried(source: Extract<ScriptSource, { type: 'read' }>): Promise<string | undefined> {
  const key = `${source.file} ${source.hash}`;
  const known = faults.get(key) ?? triedAnew(key, source);
  faults.set(key, known);
  return known;
}

/** What was missing may be there the next time, such as a package, or time on a busy machine. */
async function triedAnew(key: string, source: ScriptText): Promise<string | undefined> {
  const fault = await tryScript(source);
  if (fault !== undefined) faults.delete(key);
  return fault;
}

async function imported(path: string, source: ScriptSource | undefined): Promise<ScriptWorkflow> {
  if (source === undefined || source.type === 'unreadable')
    throw invalid(path, source?.reason ?? 'it was not read with the config');
  if (source.type === 'unaccepted')
    throw new HostError(
      'script-unaccepted',
      `The script ${path} (${source.file}) waits for a yes. Read it; "switchyard config trust" with the config's file accepts it.`,
    );
  const fault = await tried(source);
  if (fault !== undefined) throw invalid(path, fault);
  try {
    const found = workflowIn(await import(urlOfScript(source)));
    if (found.type === 'workflow') return found.run;
    throw invalid(path, found.reason);
  } catch (thrown) {
    if (thrown instanceof HostError) throw thrown;
    throw invalid(path, `it fails as it is imported: ${messageOf(thrown)}`);
  }
}

function invalid(path: string, reason: string): HostError {
  return new HostError('script-invalid', `The script ${path} cannot be used: ${reason}.`);
}

/** What JSON would leave out in silence is refused instead. */
function asJson(path: string, output: unknown): Json {
  if (output === undefined) return null;
  let text: string | undefined;
  try {
    text = JSON.stringify(output);
  } catch (error) {
    throw new HostError('script-failed', `The script ${path} gave what is no JSON: ${messageOf(error)}`);
  }
  if (text === undefined)
    throw new HostError('script-failed', `The script ${path} gave what is no JSON: a ${typeof output}.`);
  return JSON.parse(text) as Json;
}
