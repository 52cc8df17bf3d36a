/** Workflows as a config writes them. */
import type { JsonObject } from '../json.ts';
import type { SpendingAmounts } from './spending-limits.ts';

/** The name of a workflow, or one of its own. */
export type WorkflowStep = string | WorkflowConfig;

/** Exactly one of the keys that say what it is. */
export interface WorkflowConfig {
  /** Stands in its path where it is a step of another. */
  readonly name?: string;
  readonly description?: string;
  /** JSON Schema of what it takes, where it has a name of its own. */
  readonly input?: JsonObject;
  /** Limits of it as a part, within those of the run, and as a run, where they are lower than the config's. */
  readonly budget?: WorkflowBudget;
  readonly agent?: AgentConfig;
  readonly chain?: readonly WorkflowStep[];
  readonly gate?: GateConfig;
  readonly parallel?: {
    readonly parts: Readonly<Record<string, WorkflowStep>>;
    readonly concurrency?: number;
  };
  readonly map?: {
    readonly each: WorkflowStep;
    readonly concurrency?: number;
    readonly onFailure?: 'stop' | 'collect';
  };
  readonly first?: {
    readonly parts: readonly WorkflowStep[];
    readonly quorum?: number;
    readonly concurrency?: number;
  };
  readonly vote?: {
    readonly parts: readonly WorkflowStep[];
    /** The member of what each gives that is its vote. */
    readonly by?: string;
    readonly concurrency?: number;
  };
  readonly route?: RouteConfig;
  readonly refine?: {
    readonly make: WorkflowStep;
    /** What a good one is like. */
    readonly rubric: string;
    /** Of the judge. */
    readonly model?: string;
    readonly maxRounds?: number;
  };
  readonly handoff?: {
    readonly start: string;
    readonly agents: Readonly<Record<string, HandoffAgentConfig>>;
    readonly maxHandoffs?: number;
  };
  readonly team?: {
    readonly supervisor: AgentConfig;
    readonly members: Readonly<Record<string, MemberConfig>>;
  };
  readonly orchestrate?: OrchestrateConfig;
  /** The path of a module whose `run` is a workflow; it counts from the folder of the config. */
  readonly script?: string;
  readonly pause?: { readonly ms: number };
  readonly waitFor?: { readonly signal: string; readonly timeoutMs?: number };
  readonly ask?: { readonly question: string; readonly schema?: JsonObject; readonly timeoutMs?: number };
  readonly approve?: { readonly question: string; readonly timeoutMs?: number };
}

export interface WorkflowBudget {
  readonly maxTurns?: number;
  readonly maxToolCalls?: number;
  readonly maxTokens?: number;
  readonly maxUsd?: number;
  readonly timeoutMs?: number;
  readonly maxDepth?: number;
  readonly maxConcurrency?: number;
  /** Of all runs that are started by its name in a day. */
  readonly perDay?: SpendingAmounts;
}

export interface AgentConfig {
  readonly instructions?: string;
  readonly model?: string;
  readonly tools?: readonly string[];
  readonly agents?: Readonly<Record<string, MemberConfig>>;
  /** JSON Schema. */
  readonly output?: JsonObject;
  /** Globs over names of tools: the answer of one of these is its own. */
  readonly until?: readonly string[];
}

export interface MemberConfig {
  readonly description: string;
  readonly workflow: WorkflowStep;
}

export interface HandoffAgentConfig extends Omit<AgentConfig, 'output' | 'until'> {
  readonly description: string;
  readonly handoffs?: readonly string[];
}

/** RE2 patterns over the value as text. */
export interface GateConfig {
  readonly matches?: string;
  readonly lacks?: string;
}

export interface RouteConfig {
  readonly by: 'model' | 'rules' | 'similarity';
  /** With `similarity`. */
  readonly unsure?: 'model';
  readonly routes: Readonly<Record<string, RouteOfConfig>>;
  readonly model?: string;
  readonly otherwise?: string;
  readonly minConfidence?: number;
}

export interface RouteOfConfig {
  readonly description?: string;
  /** For rules: an RE2 pattern. */
  readonly match?: string;
  readonly examples?: readonly string[];
  readonly workflow: WorkflowStep;
}

export interface OrchestrateConfig {
  readonly workers: Readonly<Record<string, MemberConfig>>;
  readonly planner?: Pick<AgentConfig, 'instructions' | 'model' | 'tools'>;
  readonly synthesis?: Pick<AgentConfig, 'instructions' | 'model'>;
  readonly maxTasks?: number;
  readonly maxPlans?: number;
  readonly maxAttempts?: number;
  readonly concurrency?: number;
}

/** What a workflow is; of these keys it has one. */
export const WORKFLOW_KINDS = [
  'agent',
  'chain',
  'gate',
  'parallel',
  'map',
  'first',
  'vote',
  'route',
  'refine',
  'handoff',
  'team',
  'orchestrate',
  'script',
  'pause',
  'waitFor',
  'ask',
  'approve',
] as const satisfies readonly (keyof WorkflowConfig)[];
