/** The branches of a run as its events tell of them: what each is, how it stands, and what it spent. */
import type { RunEvent, RunOutcomeType } from '../../event.ts';
import type { Usage } from '../../model/model.ts';

export type BranchState = 'running' | RunOutcomeType;

export interface Branch {
  /** '' for the run itself. */
  readonly path: string;
  /** The last part of its path. */
  readonly name: string;
  /** `agent`, `chain`, …; of the run the name of its workflow. */
  readonly kind: string;
  readonly parent: Branch | undefined;
  readonly children: readonly Branch[];
  readonly depth: number;
  readonly state: BranchState;
  /** How many of its children are in each state. */
  readonly counts: Readonly<Record<BranchState, number>>;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** The calls that are open, and the model where one is asked; '' between two. */
  readonly step: string;
  /** Why it did not come to its end. */
  readonly error: string | undefined;
  /** Of itself and of all below it; undefined where a provider gave no counts. */
  readonly tokens: number | undefined;
  /** Undefined where a price is unknown. */
  readonly costUsd: number | undefined;
}

type Open = { -readonly [Key in keyof Branch]: Branch[Key] } & {
  parent: Open | undefined;
  children: Open[];
  counts: Record<BranchState, number>;
  calls: Map<string, string>;
  model: string;
};

/** Those that ended last; more are never shown. */
const KEPT_ENDED = 50;

/** What the tree shows of a branch, and nothing else needs to: what is said and called there, and how it goes. */
const OF_BRANCH: ReadonlySet<RunEvent['type']> = new Set([
  'text-delta',
  'thinking-delta',
  'tool-input-delta',
  'step-restart',
  'model-start',
  'model-end',
  'model-error',
  'tool-call-start',
  'tool-call-progress',
  'tool-call-end',
  'approval',
  'result-stored',
  'tools-found',
  'text',
]);

export class BranchTree {
  readonly #root: Open;
  readonly #byPath = new Map<string, Open>();
  /** In the order in which they began. */
  readonly #running = new Set<Open>();
  readonly #ended: Open[] = [];
  readonly #now: () => number;

  /** `now`: monotonic milliseconds. */
  constructor(workflow: string, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#root = opened('', workflow, undefined, now());
    this.#byPath.set('', this.#root);
  }

  get root(): Branch {
    return this.#root;
  }

  /** Without the run itself. */
  get size(): number {
    return this.#byPath.size - 1;
  }

  /** The one that began last comes first. */
  get running(): readonly Branch[] {
    return [...this.#running].reverse();
  }

  /** The one that ended last comes first. */
  get ended(): readonly Branch[] {
    return this.#ended.toReversed();
  }

  /** Whether the event needs no telling besides this tree. */
  tells({ type, path }: RunEvent): boolean {
    if (type === 'branch-start' || type === 'branch-end') return true;
    return OF_BRANCH.has(type) && this.#of(path) !== this.#root;
  }

  see(event: RunEvent): void {
    switch (event.type) {
      case 'branch-start':
        this.#begin(event.path, event.workflow);
        break;
      case 'branch-end':
        this.#end(event.path, event.outcome, event.error?.message);
        break;
      case 'run-end':
        for (const { path } of this.running) this.#end(path, left(event.outcome), undefined);
        this.#close(this.#root, event.outcome, event.error?.message);
        break;
      case 'model-start':
        this.#of(event.path).model = event.model;
        this.#describe(event.path);
        break;
      case 'model-end':
        this.#of(event.path).model = '';
        this.#describe(event.path);
        this.#spend(this.#of(event.path), event.usage, event.costUsd);
        break;
      case 'model-error':
        this.#of(event.path).model = '';
        this.#describe(event.path);
        break;
      case 'tool-call-start':
        this.#of(event.path).calls.set(`${event.path} ${event.callId}`, event.name);
        this.#describe(event.path);
        break;
      case 'tool-call-end':
        this.#of(event.path).calls.delete(`${event.path} ${event.callId}`);
        this.#describe(event.path);
        break;
      default:
        break;
    }
  }

  #of(path: string): Open {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const known = this.#byPath.get(at);
      if (known !== undefined) return known;
    }
    return this.#root;
  }

  /** A run that is gone on with comes to the beginning of a branch once more. */
  #begin(path: string, kind: string): void {
    if (this.#byPath.has(path)) return;
    const parent = this.#of(path);
    const branch = opened(path, kind, parent, this.#now());
    this.#byPath.set(path, branch);
    parent.children.push(branch);
    parent.counts.running += 1;
    this.#running.add(branch);
  }

  #end(path: string, outcome: RunOutcomeType, error: string | undefined): void {
    const branch = this.#byPath.get(path);
    if (branch === undefined || branch.state !== 'running') return;
    this.#close(branch, outcome, error);
    this.#running.delete(branch);
    this.#ended.push(branch);
    if (this.#ended.length > KEPT_ENDED) this.#ended.shift();
    const { counts } = branch.parent ?? this.#root;
    counts.running -= 1;
    counts[outcome] += 1;
  }

  #close(branch: Open, outcome: RunOutcomeType, error: string | undefined): void {
    branch.state = outcome;
    branch.endedMs = this.#now();
    branch.error = error;
    branch.step = '';
  }

  #describe(path: string): void {
    const branch = this.#of(path);
    const [call, ...others] = branch.calls.values();
    if (call === undefined) branch.step = branch.model;
    else branch.step = others.length === 0 ? call : `${call} and ${others.length} more`;
  }

  #spend(spender: Open, usage: Usage, costUsd: number | undefined): void {
    const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, unknown } = usage;
    const tokens = unknown ? undefined : inputTokens + outputTokens + cacheReadTokens + cacheWriteTokens;
    for (let branch: Open | undefined = spender; branch !== undefined; branch = branch.parent) {
      branch.tokens = sum(branch.tokens, tokens);
      branch.costUsd = sum(branch.costUsd, costUsd);
    }
  }
}

function opened(path: string, kind: string, parent: Open | undefined, nowMs: number): Open {
  return {
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    kind,
    parent,
    children: [],
    depth: parent === undefined ? 0 : parent.depth + 1,
    state: 'running',
    counts: { running: 0, done: 0, failed: 0, stopped: 0, cancelled: 0 },
    startedMs: nowMs,
    endedMs: undefined,
    step: '',
    error: undefined,
    tokens: 0,
    costUsd: 0,
    calls: new Map(),
    model: '',
  };
}

/** What a branch comes to that was under way as its run ended; of one that is done nobody waited for it. */
function left(outcome: RunOutcomeType): RunOutcomeType {
  return outcome === 'done' || outcome === 'failed' ? 'cancelled' : outcome;
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}
