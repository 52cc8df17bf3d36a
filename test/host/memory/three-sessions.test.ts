/** Said in a first session, updated in a second, asked in a third; a fresh host for each, over the real memory server. */
import { expect, test } from 'vitest';

import { jsonText } from '../../../src/json.ts';
import type { ModelReply, ScriptedRequest } from '../../fixtures/model/model-server.ts';
import { openMemoryWorld, type MemoryWorld } from './world.ts';

const SAID = 'We release on Tuesdays. Can you draft the announcement?';
const UPDATED = 'From now on we release on Thursdays, not on Tuesdays. Please change the draft.';
const ASKED = 'On which day do we release?';
const NOISE = 'Please sort these words: pear, apple, quince.';

test('with rules, the third session is given the update and its date, and not what it replaced', async () => {
  await using world = await openMemoryWorld({ embedder: true });
  const third = await threeSessions(world, () => ({ type: 'answer', text: 'Noted.' }), {});
  expectUpdate(third);
});

test('with a model for it, the same, and what is no JSON at all is said and left to the rules', async () => {
  await using world = await openMemoryWorld();
  const script = (request: ScriptedRequest): ModelReply => {
    if (!request.system.startsWith('You keep the long-term memory'))
      return { type: 'answer', text: 'Noted.' };
    const [, id] =
      /\n([0-9a-f]{16}) \(project\): The team releases on Tuesdays\./.exec(request.userText) ?? [];
    const operations = request.userText.includes(UPDATED)
      ? [
          { type: 'update', id, text: 'The team releases on Thursdays.' },
          { type: 'update', id: 'invented' },
        ]
      : request.userText.includes(SAID)
        ? [{ type: 'remember', text: 'The team releases on Tuesdays.', scope: 'project' }]
        : [];
    const text = `Here it is:\n\`\`\`json\n${JSON.stringify({ operations })}\n\`\`\``;
    return { type: 'answer', text: request.userText.includes(NOISE) ? 'I see nothing.' : text };
  };
  const third = await threeSessions(world, script, { extract: 'model' });
  expectUpdate(third);
  expect(third.notices).toEqual([
    expect.stringContaining('did not answer with JSON'),
    expect.stringContaining('made no sense'),
  ]);
  const facts = await (await world.server()).call('list_facts');
  expect(facts.structured['facts']).toMatchObject([{ text: 'The team releases on Thursdays.' }]);
});

interface Third {
  /** The text that the model was given in the third session, with its system prompt. */
  readonly prompt: string;
  readonly notices: readonly string[];
}

async function threeSessions(
  world: MemoryWorld,
  script: (request: ScriptedRequest) => ModelReply,
  memory: { readonly extract?: 'model' },
): Promise<Third> {
  const notices: string[] = [];
  let prompt = '';
  for (const requests of [[SAID, NOISE], [UPDATED], [ASKED]]) {
    await using opened = await world.open({ script, memory, cheap: memory.extract === 'model' });
    const { id: sessionId } = await opened.host.sessions.create();
    for (const request of requests) {
      const handle = await opened.host.ask(request, { sessionId });
      expect(await handle.result).toMatchObject({ type: 'done' });
      prompt = opened.model.requests.findLast(({ userText }) => userText.endsWith(request))?.userText ?? '';
    }
    await opened.host[Symbol.asyncDispose]();
    notices.push(
      ...opened.entries
        .filter(({ fields }) => jsonText(fields?.['code']).startsWith('extraction-'))
        .map(({ fields }) => jsonText(fields?.['message'])),
    );
    await world.embedded();
  }
  return { prompt, notices };
}

function expectUpdate({ prompt }: Third): void {
  const today = new Date().toISOString().slice(0, 10);
  expect(prompt).toMatch(
    new RegExp(`- ${today} \\(fact, from session [0-9a-z]+\\): .*release.* on Thursdays`),
  );
  // The turn that brought the change names both days; nothing else may name the old one.
  const lines = prompt.split('\n').filter((line) => line.startsWith('- ') && line.includes('Tuesdays'));
  expect(lines.filter((line) => !line.includes('Thursdays'))).toEqual([]);
}
