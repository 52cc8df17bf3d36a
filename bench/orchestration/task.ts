/** What every contestant does, and what it is told and answered. */

export const PATTERNS = ['chain', 'parallel', 'orchestrate'] as const;
export type PatternName = (typeof PATTERNS)[number];

export const CHAIN_STEPS = 10;
export const PARALLEL_PARTS = 100;
export const WORKERS = 20;

/** Of one run of each pattern. */
export const MODEL_CALLS: Readonly<Record<PatternName, number>> = {
  chain: CHAIN_STEPS,
  parallel: PARALLEL_PARTS,
  orchestrate: 1 + WORKERS + 1,
};

/** Of a long conversation. */
export const LONG_TURNS = 100;

export const MODEL = 'claude-sonnet-5';
export const MAX_TOKENS = 4_096;
export const REQUEST = 'How old can an oak get, and what does that depend on?';
export const INSTRUCTIONS = {
  worker: 'You are one part of several. Answer in one sentence.',
  planner: 'You divide a request into tasks for workers. You do not work on it yourself.',
  synthesis: 'You make one answer to the request of what workers found.',
} as const;

/** What the model says wherever it is asked for words. */
export const WORDS = 'An oak that stands alone on good ground may grow for more than eight hundred years.';

export type Task = {
  readonly id: string;
  readonly worker: string;
  readonly request: string;
  readonly dependsOn: readonly string[];
};

/** What the model says wherever it is asked for a plan. */
export const PLAN: { readonly tasks: readonly Task[] } = {
  tasks: Array.from({ length: WORKERS }, (_, index) => ({
    id: `t${index + 1}`,
    worker: 'worker',
    request: `Find out about oaks: part ${index + 1}.`,
    dependsOn: [],
  })),
};

/** The schema of a plan, for those who write JSON Schema. */
export const PLAN_SCHEMA = {
  type: 'object',
  properties: {
    tasks: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          worker: { type: 'string' },
          request: { type: 'string' },
          dependsOn: { type: 'array', items: { type: 'string' } },
        },
        required: ['id', 'worker', 'request', 'dependsOn'],
        additionalProperties: false,
      },
    },
  },
  required: ['tasks'],
  additionalProperties: false,
} as const;

/** What the synthesis is asked. */
export function synthesisRequest(tasks: readonly Task[], results: readonly string[]): string {
  const found = tasks.map(({ id, worker }, index) => `## ${id} (${worker})\n${results[index]}`);
  return [`Request: ${REQUEST}`, ...found, 'Say what is missing, where something is.'].join('\n\n');
}
