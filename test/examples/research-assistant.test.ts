import { expect, test } from 'vitest';

import { type ModelServer, startModelServer } from '../fixtures/model/model-server.ts';
import type { ModelReply } from '../fixtures/model/reply.ts';
import type { ScriptedRequest } from '../fixtures/model/request.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { type ExampleEnd, runExample } from './example-program.ts';
import { openWeb } from './open-web.ts';

const PAGE = 'http://trees.example/core-drills';
const QUESTION = `How old is the oak at the mill, and how sure is that? See also ${PAGE}`;

const OF_LIBRARY = {
  source: 'library/oaks.md',
  // As it stands there over two lines.
  quote: 'from its girth of 10.3 metres the foresters put its age at about 800 years',
};
const OF_PAGE = { source: PAGE, quote: 'A core drill reaches forty centimetres.' };
const MADE_UP = { source: 'library/oaks.md', quote: 'The oak is exactly 812 years old.' };
const UNREAD = { source: 'library/elms.md', quote: 'Elms are younger.' };

test('what no source says goes back to the model, and stands in no answer', async () => {
  const { end, model } = await research((round) => [OF_LIBRARY, round === 1 ? MADE_UP : OF_PAGE]);
  expect(end.code, end.stderr).toBe(0);
  expect(end.stdout).toBe(
    `About 800 years, from its girth. [1] [2]\n\n[1] library/oaks.md: “${OF_LIBRARY.quote}”\n[2] ${PAGE}: “${OF_PAGE.quote}”\n`,
  );
  expect(model.requests[0]?.userText).toBe(QUESTION);
  const last = model.requests.at(-1);
  expect(last?.userText).toContain('library/oaks.md does not say: The oak is exactly 812 years old.');
  // What it answers from was read in this very run, from both.
  const read = model.requests[2]?.toolResults.map(({ text }) => text) ?? [];
  expect(read[0]).toContain('library/oaks.md');
  expect(read[1]).toContain('A core drill reaches forty centimetres.');
});

test('an answer that is never backed is shown as such, and the program fails', async () => {
  const { end, model } = await research(() => [MADE_UP, UNREAD]);
  expect(end.code).toBe(1);
  expect(end.stderr).toContain('Not all of it is backed by its source');
  expect(end.stderr).toContain('library/oaks.md does not say: The oak is exactly 812 years old.');
  expect(end.stderr).toContain('library/elms.md cannot be read. Cite only what you have read.');
  expect(model.requests.filter(({ toolResults }) => toolResults.length === 2)).toHaveLength(3);
});

async function research(
  cite: (round: number) => readonly { readonly source: string; readonly quote: string }[],
): Promise<{ readonly end: ExampleEnd; readonly model: ModelServer }> {
  await using folder = await temporaryFolder('research');
  await using web = await openWeb({
    [PAGE]: '<main><h1>Core drills</h1><p>A core drill reaches forty centimetres.</p></main>',
  });
  let round = 0;
  await using model = await startModelServer({
    script: ({ toolResults, userText }: ScriptedRequest): ModelReply => {
      if (toolResults.length === 0) return calls('library__search', { query: userText.slice(0, 40) });
      if (toolResults.length === 1) return calls('web__fetch', { url: PAGE });
      round += 1;
      return calls('answer', { answer: 'About 800 years, from its girth. [1] [2]', citations: cite(round) });
    },
  });
  const end = await runExample(['research-assistant', 'research.ts'], [QUESTION], {
    home: folder.path,
    modelUrl: model.url,
    env: { HTTP_PROXY: web.url, NO_PROXY: '127.0.0.1' },
  });
  return { end, model };
}

function calls(name: string, args: object): ModelReply {
  return { type: 'answer', toolCalls: [{ name, arguments: args as Record<string, string> }] };
}
