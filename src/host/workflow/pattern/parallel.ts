/** Parts side by side over one input, and one part over a list. */
import { canonicalJson } from '../../../canonical-json.ts';
import { HostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import { type OutputOf, type Part, part, runPart } from './part.ts';
import { type Ends, type Settled, settle, type Worker } from './settle.ts';

const CONCURRENCY = 8;

export interface ParallelOptions {
  readonly name?: string;
  /** How many work at the same time; 8 by default. */
  readonly concurrency?: number;
}

/**
 * Sections: all parts work on the same input; gives an object of what each gave. The first that fails ends the others, and is
 * what it rejects with.
 */
export function parallel<Input extends Json, Parts extends Readonly<Record<string, Part<Input, Json>>>>(
  parts: Parts & Readonly<Record<string, Part<Input, Json>>>,
  { name: label, concurrency = CONCURRENCY }: ParallelOptions = {},
): Part<Input, { readonly [Name in keyof Parts]: OutputOf<Parts[Name]> }> {
  const entries = Object.entries(parts);
  return part('parallel', { label }, async (context, input) => {
    const ends = await settle(
      context,
      entries.map(
        ([name, section]) =>
          (stop) =>
            runPart(context, name, section, input, { stop }),
      ),
      { concurrency, isEnough: hasFailed },
    );
    throwFirst(ends);
    const outputs = new Map(ends.flatMap((end) => (end.type === 'done' ? [[end.index, end.output]] : [])));
    const named = entries.map(([name], index) => [name, outputs.get(index)]);
    return Object.fromEntries(named) as { readonly [Name in keyof Parts]: OutputOf<Parts[Name]> };
  });
}

export interface MapOptions extends ParallelOptions {
  /** `stop`, the default: the first item that fails ends the others. `collect`: what failed is told in its place. */
  readonly onFailure?: 'stop' | 'collect';
}

export type MapResult<Output extends Json> =
  | { readonly type: 'done'; readonly output: Output }
  | { readonly type: 'failed'; readonly code: string; readonly message: string };

/** One part over each item of a list; gives what it gave, in the order of the list. */
export function map<Item extends Json, Output extends Json>(
  work: Part<Item, Output>,
  options: MapOptions & { readonly onFailure: 'collect' },
): Part<readonly Item[], readonly MapResult<Output>[]>;
export function map<Item extends Json, Output extends Json>(
  work: Part<Item, Output>,
  options?: MapOptions,
): Part<readonly Item[], readonly Output[]>;
export function map<Item extends Json, Output extends Json>(
  work: Part<Item, Output>,
  { name: label, concurrency = CONCURRENCY, onFailure = 'stop' }: MapOptions = {},
): Part<readonly Item[], readonly (Output | MapResult<Output>)[]> {
  return part<readonly Item[], readonly (Output | MapResult<Output>)[]>(
    'map',
    { label },
    async (context, items) => {
      requireList(items);
      const workers = items.map(
        (item, index): Worker<Output> =>
          (stop) =>
            runPart(context, index + 1, work, item, { stop }),
      );
      const ends = await settle(context, workers, {
        concurrency,
        isEnough: onFailure === 'stop' ? hasFailed : () => false,
      });
      if (onFailure === 'stop') throwFirst(ends);
      const inOrder = ends.toSorted((a, b) => a.index - b.index);
      return inOrder.map((end): Output | MapResult<Output> =>
        end.type === 'done' && onFailure === 'stop' ? end.output : told(end),
      );
    },
  );
}

/** What was asked for by name, or was given by a part, may be anything. */
function requireList(items: unknown): asserts items is readonly Json[] {
  if (Array.isArray(items)) return;
  throw new HostError(
    'input-invalid',
    `A map works on a list, and was given ${items === null ? 'null' : `an input of the type "${typeof items}"`}. A list is JSON: switchyard run --workflow <name> --input-json '["one", "two"]'`,
  );
}

export interface FirstOptions extends ParallelOptions {
  /** How many have to succeed; 1 by default. */
  readonly quorum?: number;
}

/** The first parts that succeed, in the order of their ends. Rejects with HostError `no-quorum` where too many fail. */
export function first<Input extends Json, Output extends Json>(
  parts: readonly Part<Input, Output>[],
  { name: label, concurrency = CONCURRENCY, quorum = 1 }: FirstOptions = {},
): Part<Input, readonly Output[]> {
  return part('first', { label }, async (context, input) => {
    const ends = await settle(context, workersOf(context, parts, input), {
      concurrency,
      isEnough: ({ done, failed }) => done >= quorum || parts.length - failed < quorum,
    });
    const outputs = outputsOf(ends);
    if (outputs.length >= quorum) return outputs;
    const why = failuresOf(ends).map(({ message }) => message);
    throw new HostError(
      'no-quorum',
      `${outputs.length} of ${parts.length} parts succeeded and ${quorum} are needed. ${why.join(' ')}`.trim(),
    );
  });
}

export interface VoteOptions<Output extends Json> extends ParallelOptions {
  /** What of an output is its vote; all of it by default. Equal votes are equal as JSON, in whatever order their keys are. */
  readonly vote?: (output: Output) => Json;
}

export type VoteResult<Output extends Json> = {
  /** An output of the side that won; of sides with equally many votes, that of the first part. */
  readonly output: Output;
  readonly votes: number;
  /** Parts that voted. */
  readonly of: number;
  /** What each part said, in their order; one that failed is told, and has no vote. */
  readonly ballots: readonly ({ readonly part: string } & MapResult<Output>)[];
};

/** All parts work on the same input, and what most of them say is taken. Parts that fail have no vote. */
export function vote<Input extends Json, Output extends Json>(
  parts: readonly Part<Input, Output>[],
  { name: label, concurrency = CONCURRENCY, vote: voteOf = (output) => output }: VoteOptions<Output> = {},
): Part<Input, VoteResult<Output>> {
  return part('vote', { label }, async (context, input) => {
    const ends = await settle(context, workersOf(context, parts, input), {
      concurrency,
      isEnough: () => false,
    });
    const inOrder = ends.toSorted((a, b) => a.index - b.index);
    const outputs = outputsOf(inOrder);
    const sides = Map.groupBy(outputs, (output) => canonicalJson(voteOf(output)));
    const [won] = [...sides.values()].toSorted((a, b) => b.length - a.length);
    const [output] = won ?? [];
    if (won === undefined || output === undefined) {
      throwFirst(ends);
      throw new HostError('no-quorum', 'There is nobody to vote.');
    }
    const ballots = inOrder.map((end) => ({
      part: parts[end.index]?.label ?? `${end.index + 1}`,
      ...told(end),
    }));
    return { output, votes: won.length, of: outputs.length, ballots };
  });
}

/** Parts over one input, each on a branch that is called by its place. */
function workersOf<Input extends Json, Output extends Json>(
  context: RunContext,
  parts: readonly Part<Input, Output>[],
  input: Input,
): readonly Worker<Output>[] {
  return parts.map((one, index) => (stop) => runPart(context, index + 1, one, input, { stop }));
}

function told<Output extends Json>(end: Settled<Output>): MapResult<Output> {
  if (end.type === 'done') return { type: 'done', output: end.output };
  const { code, message } = end.error;
  return { type: 'failed', code, message };
}

function hasFailed({ failed }: Ends): boolean {
  return failed > 0;
}

function throwFirst(ends: readonly Settled<Json>[]): void {
  for (const end of ends) if (end.type === 'failed') throw end.error;
}

function outputsOf<Output extends Json>(ends: readonly Settled<Output>[]): Output[] {
  return ends.flatMap((end) => (end.type === 'done' ? [end.output] : []));
}

function failuresOf(ends: readonly Settled<Json>[]): HostError[] {
  return ends.flatMap((end) => (end.type === 'failed' ? [end.error] : []));
}
