/** What the runs do that are killed: a workflow of every shape, and an agent, over the tools of the ledger server. */
import type { Json } from '../../src/json.ts';
import type { RunContext } from '../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../src/host/engine/engine.ts';

/** The ledger server's tools; what may be done with a call whose outcome is not known. */
export const TOOLS = {
  read_value: 'read-only',
  set_value: 'idempotent',
  charge: 'keyed',
  append_line: 'plain',
} as const;

export type ToolName = keyof typeof TOOLS;
export type EffectClass = (typeof TOOLS)[ToolName];

export const SERVER_NAME = 'ledger';
export const SHAPES = 'shapes';

/** Tells runs apart in the ledger: `<tag>.<call>` is the label of each call. */
export type ShapesInput = { readonly tag: string };
export type ShapesOutput = {
  readonly begunMs: number;
  readonly chance: number;
  readonly drawn: number;
  readonly outcomes: { readonly [call: string]: string };
};

/** The calls of one run, by name; those of the branches run side by side. */
export const SHAPES_CALLS: Readonly<Record<string, ToolName>> = {
  'look-first': 'read_value',
  'set-first': 'set_value',
  'charge-first': 'charge',
  'append-first': 'append_line',
  'append-second': 'append_line',
  'append-left': 'append_line',
  'charge-left': 'charge',
  'look-middle': 'read_value',
  'set-middle': 'set_value',
  'append-right': 'append_line',
  'look-last': 'read_value',
  'charge-last': 'charge',
  'set-last': 'set_value',
  'append-last': 'append_line',
};

export const shapesWorkflow: RegisteredWorkflow<ShapesInput & Json, ShapesOutput & Json> = {
  name: SHAPES,
  run: async (context, { tag }) => {
    const outcomes: Record<string, string> = {};
    const call = async (on: RunContext, name: string): Promise<void> => {
      const result = await on.tools.call(on, {
        callId: name,
        name: `${SERVER_NAME}__${SHAPES_CALLS[name]}`,
        arguments: { label: `${tag}.${name}`, value: name.length },
      });
      outcomes[name] = result.outcome;
    };
    const inOrder = async (on: RunContext, ...names: string[]): Promise<void> => {
      for (const name of names) await call(on, name);
    };
    // Waits until the servers' tools are known.
    await context.tools.list(context);
    const begunMs = await context.now();
    const chance = await context.random();
    await inOrder(context, 'look-first', 'set-first', 'charge-first', 'append-first', 'append-second');
    const drawn = await context.step('draw', async () => Math.floor(chance * 1_000_000));
    // Long enough that what was before it is committed alone.
    await context.sleep(3);
    await Promise.all([
      inOrder(context.branch('left'), 'append-left', 'charge-left'),
      inOrder(context.branch('middle'), 'look-middle', 'set-middle'),
      waitAndCall(context.branch('right'), (on) => call(on, 'append-right')),
    ]);
    await context.step('count', async () => Object.keys(outcomes).length);
    await inOrder(context, 'look-last', 'charge-last', 'set-last');
    await context.sleep(3);
    await call(context, 'append-last');
    // In one order, whichever branch was the first to come to its end.
    const inOneOrder = Object.fromEntries(Object.entries(outcomes).sort(([a], [b]) => (a < b ? -1 : 1)));
    return { begunMs, chance, drawn, outcomes: inOneOrder };
  },
};

async function waitAndCall(on: RunContext, call: (on: RunContext) => Promise<void>): Promise<void> {
  await on.sleep(1);
  await on.step('weigh', async () => 'weighed');
  await call(on);
}

/** The calls that the scripted model asks for, turn by turn; after the last turn it answers. */
export const AGENT_TURNS: readonly (readonly (readonly [string, ToolName])[])[] = [
  [
    ['look-a', 'read_value'],
    ['look-b', 'read_value'],
    ['charge-a', 'charge'],
  ],
  [['append-a', 'append_line']],
  [
    ['set-a', 'set_value'],
    ['append-b', 'append_line'],
  ],
  [['charge-b', 'charge']],
];
