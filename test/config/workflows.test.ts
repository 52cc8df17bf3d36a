import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type ConfigFolder, configFolder, failureOf } from './config-folder.ts';

let folder: ConfigFolder;
beforeEach(() => {
  folder = configFolder();
});
afterEach(() => folder[Symbol.dispose]());

const load = (workflows: unknown) => folder.loadText(JSON.stringify({ workflows }, null, 1));

const AGENT = { agent: { instructions: 'Write.' } };

test('every kind of workflow is read, named or written where it stands', async () => {
  const workflows = {
    search: { description: 'Finds.', agent: { instructions: 'Search.', tools: ['web__*'], model: 'fast' } },
    list: { agent: { output: { type: 'array', items: { type: 'string' } } } },
    all: {
      budget: { maxUsd: 1 },
      chain: [
        'list',
        { map: { each: 'search', concurrency: 4, onFailure: 'collect' } },
        { gate: { lacks: 'TODO' } },
      ],
    },
    sides: { parallel: { parts: { pro: 'search', con: { name: 'against', ...AGENT } } } },
    race: { first: { parts: ['search', AGENT], quorum: 1 } },
    jury: { vote: { parts: ['search', 'search', AGENT] } },
    desk: {
      route: {
        by: 'rules',
        routes: { money: { match: 'euro|dollar', workflow: 'search' }, rest: { workflow: AGENT } },
        otherwise: 'rest',
      },
    },
    essay: { refine: { make: 'search', rubric: 'Short.', maxRounds: 2 } },
    hotline: {
      handoff: { start: 'a', agents: { a: { description: 'A', handoffs: ['b'] }, b: { description: 'B' } } },
    },
    crew: {
      team: {
        supervisor: { instructions: 'Lead.' },
        members: { find: { description: 'Finds.', workflow: 'search' } },
      },
    },
    plan: { orchestrate: { workers: { find: { description: 'Finds.', workflow: 'search' } }, maxTasks: 3 } },
    later: { chain: [{ pause: { ms: 5 } }, { waitFor: { signal: 'go', timeoutMs: 1_000 } }] },
  };
  expect((await load(workflows)).workflows).toEqual(workflows);
});

describe('a fault is told with its place and the nearest name', () => {
  test.each([
    [
      'a step that is not there',
      { search: AGENT, all: { chain: ['serch'] } },
      { path: 'workflows.all.chain[0]', nearest: 'search', line: 10 },
      "there is no workflow 'serch'. There are search, all. Did you mean 'search'?",
    ],
    [
      'a circle',
      { a: { chain: ['b'] }, b: { parallel: { parts: { x: { chain: ['a'] } } } } },
      { path: 'workflows.a' },
      'the workflow is a step of itself: a → b → a',
    ],
    [
      'two kinds at once',
      { a: { ...AGENT, chain: ['a'] } },
      { path: 'workflows.a' },
      "exactly one of 'agent', 'chain'",
    ],
    [
      'an agent with an output that would end with what a tool says',
      { a: { agent: { output: { type: 'object' }, until: ['web__*'] } } },
      { path: 'workflows.a.agent.until' },
      'cannot end with what a tool says',
    ],
    ['no kind', { a: { description: 'Nothing.' } }, { path: 'workflows.a' }, "exactly one of 'agent'"],
    [
      'a key with a typo deep inside',
      { a: { chain: [{ agent: { instrutions: 'x' } }] } },
      { path: 'workflows.a.chain[0].agent.instrutions', nearest: 'instructions' },
      'unknown key',
    ],
    [
      'a route that is not there',
      { a: { route: { by: 'model', routes: { trees: { workflow: AGENT } }, otherwise: 'tres' } } },
      { path: 'workflows.a.route.otherwise', nearest: 'trees' },
      "there is no route 'tres'",
    ],
    [
      'two letters of a key in the wrong order',
      { a: { agent: { tolos: [] } } },
      { path: 'workflows.a.agent.tolos', nearest: 'tools' },
      "Did you mean 'tools'?",
    ],
    [
      'a route that no rule takes',
      { a: { route: { by: 'rules', routes: { trees: { workflow: AGENT } } } } },
      { path: 'workflows.a.route.routes.trees' },
      "nothing ever takes this route: give it a 'match'",
    ],
    [
      'an agent that nobody can hand over to',
      { a: { handoff: { start: 'x', agents: { y: { description: '' } } } } },
      { path: 'workflows.a.handoff.start' },
      "there is no agent 'x'. There are y.",
    ],
    [
      'a map over words',
      { a: { chain: [AGENT, { map: { each: AGENT } }] } },
      { path: 'workflows.a.chain[1]', found: 'text' },
      'a map works on a list, and the step before it gives text',
    ],
    [
      'a pattern that is none',
      { a: { chain: [{ gate: { matches: '(?<=x)y' } }] } },
      { path: 'workflows.a.chain[0].gate.matches' },
      'is no pattern of RE2',
    ],
    ['a name of the host’s own', { agent: AGENT }, { path: 'workflows.agent' }, 'cannot be called so'],
    ['a wrong type', { a: { agent: { tools: 'web__*' } } }, { path: 'workflows.a.agent.tools' }, 'an array'],
  ])('%s', async (_what, workflows, where, message) => {
    const error = await failureOf(load(workflows));
    expect(error.code).toBe('config-invalid');
    const { problems } = error.data as { problems: { message: string }[] };
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(where);
    expect(problems[0]?.message).toContain(message);
  });
});
