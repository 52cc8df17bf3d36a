import { expect, test } from 'vitest';

import type { WorkflowConfig } from '../../../src/config/workflow-config.ts';
import { configuredWorkflows } from '../../../src/host/workflow/configured.ts';
import type { Json } from '../../../src/json.ts';
import { calls, openPatterns, pathsOf, resumedOutcomes, type Voices } from './pattern/pattern-world.ts';

const NAMED: Readonly<Record<string, WorkflowConfig>> = {
  writer: { agent: { instructions: 'WRITER', tools: [] } },
  critic: { agent: { instructions: 'CRITIC', tools: [] } },
  judge: {
    agent: {
      instructions: 'JUDGE',
      tools: [],
      output: { type: 'object', properties: { fine: { type: 'boolean' }, why: { type: 'string' } } },
    },
  },
  list: { agent: { instructions: 'LIST', tools: [], output: { type: 'array', items: { type: 'string' } } } },
};

const VOICES: Voices = {
  WRITER: ({ userText }) => `text on ${userText}`,
  CRITIC: ({ userText }) => `word on ${userText}`,
  LIST: ({ userText }) => calls('answer', { value: userText.split(' ') }),
};

interface Case {
  readonly main: WorkflowConfig;
  readonly voices?: Voices;
  readonly output: Json;
  readonly paths: readonly string[];
}

const CASES: Readonly<Record<string, Case>> = {
  agent: { main: { agent: { instructions: 'WRITER', tools: [] } }, output: 'text on oak ash', paths: [] },
  chain: {
    main: {
      chain: ['writer', { gate: { matches: 'oak', lacks: 'TODO' } }, { name: 'last', chain: ['critic'] }],
    },
    output: 'word on text on oak ash',
    paths: ['1:writer', '2', '3:last', '3:last/1:critic'],
  },
  parallel: {
    main: { parallel: { parts: { pro: 'writer', con: 'critic' }, concurrency: 1 } },
    output: { pro: 'text on oak ash', con: 'word on oak ash' },
    paths: ['pro:writer', 'con:critic'],
  },
  map: {
    main: { chain: ['list', { map: { each: 'writer', concurrency: 1 } }] },
    output: ['text on oak', 'text on ash'],
    paths: ['1:list', '2', '2/1:writer', '2/2:writer'],
  },
  'map that collects': {
    main: { chain: ['list', { map: { each: 'writer', concurrency: 1, onFailure: 'collect' } }] },
    voices: { WRITER: ({ userText }) => (userText === 'oak' ? '' : 'fine') },
    output: [
      { type: 'failed', code: 'empty-answer', message: expect.any(String) as never },
      { type: 'done', output: 'fine' },
    ],
    paths: ['1:list', '2', '2/1:writer', '2/2:writer'],
  },
  first: {
    main: { first: { parts: ['writer'], quorum: 1 } },
    output: ['text on oak ash'],
    paths: ['1:writer'],
  },
  vote: {
    main: { vote: { parts: ['critic', 'critic', 'writer'], concurrency: 1 } },
    output: { output: 'word on oak ash', votes: 2, of: 3 },
    paths: ['1:critic', '2:critic', '3:writer'],
  },
  'vote by a member': {
    main: { vote: { parts: ['list', 'judge', 'judge'], by: 'fine', concurrency: 1 } },
    voices: {
      JUDGE: ({ userText }) => calls('answer', { fine: true, why: userText }),
    },
    output: {
      output: { fine: true, why: 'oak ash' },
      votes: 2,
      of: 3,
      ballots: [
        { part: 'list', type: 'done', output: ['oak', 'ash'] },
        { part: 'judge', type: 'done', output: { fine: true, why: 'oak ash' } },
        { part: 'judge', type: 'done', output: { fine: true, why: 'oak ash' } },
      ],
    },
    paths: ['1:list', '2:judge', '3:judge'],
  },
  'route by rules': {
    main: {
      route: {
        by: 'rules',
        routes: {
          money: { match: 'euro', workflow: 'critic' },
          trees: { match: 'oak|elm', workflow: 'writer' },
        },
      },
    },
    output: 'text on oak ash',
    paths: ['trees:writer'],
  },
  'route by similarity': {
    main: {
      route: {
        by: 'similarity',
        unsure: 'model',
        routes: {
          money: { description: 'Bills.', examples: ['I was charged twice.'], workflow: 'critic' },
          trees: { examples: ['How tall are beeches?', 'oaks and elms'], workflow: 'writer' },
        },
      },
    },
    output: 'text on oak ash',
    paths: ['trees:writer'],
  },
  'route by a model': {
    main: {
      route: {
        by: 'model',
        routes: { money: { description: 'Bills.', workflow: 'critic' }, rest: { workflow: 'writer' } },
        otherwise: 'rest',
        minConfidence: 0.8,
      },
    },
    voices: { 'You decide': () => calls('answer', { route: 'money', confidence: 0.4, reason: 'A guess.' }) },
    output: 'text on oak ash',
    paths: ['rest:writer'],
  },
  refine: {
    main: { refine: { make: 'writer', rubric: 'It is short.', maxRounds: 2 } },
    voices: {
      'You judge': ({ system }) =>
        calls('answer', { accepted: system.includes('It is long.'), feedback: 'Shorter.' }),
    },
    output: {
      output: expect.stringContaining('text on') as never,
      rounds: 2,
      accepted: false,
      feedback: 'Shorter.',
    },
    paths: ['1-make:writer', '1-judge:judge', '2-make:writer', '2-judge:judge'],
  },
  handoff: {
    main: {
      handoff: {
        start: 'desk',
        agents: {
          desk: { description: 'Begins.', instructions: 'DESK', tools: [] },
          bills: { description: 'Money.', instructions: 'WRITER', tools: [] },
        },
      },
    },
    voices: { DESK: () => calls('transfer_to_bills', { reason: 'Money.' }) },
    output: {
      text: 'text on oak ash',
      agent: 'bills',
      handoffs: [{ from: 'desk', to: 'bills', reason: 'Money.' }],
    },
    paths: ['1:desk', '2:bills'],
  },
  team: {
    main: {
      team: {
        supervisor: { instructions: 'BOSS', tools: [] },
        members: { write: { description: 'Writes.', workflow: 'writer' } },
      },
    },
    voices: {
      BOSS: ({ toolResults }) =>
        toolResults.length === 0 ? calls('write', { request: 'elms' }) : (toolResults[0]?.text ?? ''),
    },
    output: 'text on elms',
    paths: ['turn-1/call-1/write'],
  },
  'team whose supervisor answers in a shape': {
    main: {
      team: {
        supervisor: {
          instructions: 'BOSS',
          tools: [],
          output: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
        },
        members: { write: { description: 'Writes.', workflow: 'writer' } },
      },
    },
    voices: {
      BOSS: ({ toolResults }) =>
        toolResults.length === 0
          ? calls('write', { request: 'elms' })
          : calls('answer', { text: toolResults[0]?.text ?? '' }),
    },
    output: { text: 'text on elms' },
    paths: ['turn-1/call-1/write'],
  },
  'agent that ends with what a tool says': {
    main: { agent: { instructions: 'WEATHER', tools: ['tools__*'], until: ['tools__weather'] } },
    voices: { WEATHER: () => calls('tools__weather', { city: 'Bonn' }) },
    output: 'Bonn: 21 degrees',
    paths: [],
  },
  orchestrate: {
    main: {
      orchestrate: {
        workers: { writer: { description: 'Writes.', workflow: 'writer' } },
        planner: { instructions: 'PLAN' },
        synthesis: { instructions: 'SUM UP' },
        maxPlans: 1,
      },
    },
    voices: {
      PLAN: () => calls('answer', { tasks: [{ id: 'a', worker: 'writer', request: 'oaks', dependsOn: [] }] }),
      'SUM UP': () => 'All of it.',
    },
    output: {
      text: 'All of it.',
      tasks: [
        {
          id: 'a',
          worker: 'writer',
          request: 'oaks',
          dependsOn: [],
          type: 'done',
          output: 'text on oaks',
          attempts: 1,
        },
      ],
      problems: [],
    },
    paths: ['1-plan', '1-work/a:writer', 'synthesis'],
  },
  pause: {
    main: { chain: [{ pause: { ms: 1 } }, 'writer'] },
    output: 'text on oak ash',
    paths: ['1', '2:writer'],
  },
};

test.each(Object.entries(CASES))(
  'a config with %s is a workflow that goes on from any of its rows',
  async (_kind, { main, voices = {}, output, paths }) => {
    const { main: built } = configuredWorkflows({ ...NAMED, main });
    if (built === undefined) throw new Error('it was not built');
    await using world = await openPatterns(built, { ...VOICES, ...voices });
    const run = await world.run('oak ash');
    expect(run.outcome).toMatchObject({ type: 'done', output });
    expect(pathsOf(run.events)).toEqual(paths);
    for (const outcome of await resumedOutcomes(world, run)) expect(outcome).toMatchObject({ output });
  },
);

test('a workflow that waits for a signal goes on with its value', async () => {
  const { main } = configuredWorkflows({ main: { chain: [{ waitFor: { signal: 'go' } }] } });
  if (main === undefined) throw new Error('it was not built');
  await using world = await openPatterns(main, {});
  const handle = await world.host.run('main', null);
  await world.host.engine.signal(handle.id, 'go', { by: 'Ada' });
  expect(await handle.result).toMatchObject({ type: 'done', output: { by: 'Ada' } });
});

test('another text of a workflow is another revision of it', () => {
  const revisionOf = (instructions: string) =>
    configuredWorkflows({ main: { agent: { instructions } } })['main']?.revision;
  expect(revisionOf('a')).toBe(revisionOf('a'));
  expect(revisionOf('a')).not.toBe(revisionOf('b'));
});
