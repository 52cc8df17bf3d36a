/** What a run has come to, as far as its events tell: of any pattern, and of a run that was gone on with. */
import type { Json } from '../../json.ts';
import type { Achieved, StoredEvent } from '../event.ts';
import type { AssistantMessage } from '../model/model.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';

type Part = {
  readonly path: string;
  readonly workflow: string;
  state: 'open' | 'done' | 'over';
  output: Json;
};

export function achievedOf(events: readonly StoredEvent[]): Achieved {
  const parts = new Map<string, Part>();
  const words = new Map<string, string>();
  let results: { readonly name: string; readonly text: string }[] = [];
  for (const event of events) {
    switch (event.type) {
      case 'branch-start': {
        const { path, workflow } = event;
        parts.set(path, { path, workflow, state: 'open', output: null });
        break;
      }
      case 'branch-end': {
        const part = parts.get(event.path);
        if (part === undefined) break;
        // In the order of their ends.
        parts.delete(event.path);
        const { outcome, output = null } = event;
        const state = outcome === 'done' ? 'done' : outcome === 'stopped' ? 'open' : 'over';
        parts.set(event.path, { ...part, state, output });
        break;
      }
      case 'model-end': {
        const text = textOf(event.message);
        if (event.draft === true || text === '') break;
        const part = partAround(event.path, parts);
        words.set(part, text);
        if (part === '') results = [];
        break;
      }
      case 'tool-call-end':
        if (event.outcome !== 'complete' || event.text === undefined || event.server === HOST_SERVER) break;
        if (partAround(event.path, parts) === '') results.push({ name: event.name, text: event.text });
        break;
      default:
    }
  }
  const isWithinDone = ({ path }: Part): boolean => {
    for (let around = parentOf(path); around !== ''; around = parentOf(around))
      if (parts.get(around)?.state === 'done') return true;
    return false;
  };
  const outermost = [...parts.values()].filter((part) => !isWithinDone(part));
  const text = words.get('');
  return {
    parts: outermost.flatMap(({ path, workflow, state, output }) =>
      state === 'done' ? [{ path, workflow, output }] : [],
    ),
    unfinished: outermost.flatMap(({ path, workflow, state }) => {
      const said = words.get(path);
      return state === 'open' ? [{ path, workflow, ...(said === undefined ? {} : { text: said }) }] : [];
    }),
    ...(text === undefined ? {} : { text }),
    results,
  };
}

/** The path of the innermost part that holds this one; '' outside of all. */
function partAround(path: string, parts: ReadonlyMap<string, Part>): string {
  for (let around = path; around !== ''; around = parentOf(around)) if (parts.has(around)) return around;
  return '';
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function textOf({ content }: AssistantMessage): string {
  return content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('')
    .trim();
}
