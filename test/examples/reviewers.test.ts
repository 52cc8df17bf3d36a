import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import type { ModelReply } from '../fixtures/model/reply.ts';
import type { ScriptedRequest } from '../fixtures/model/request.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { exampleEnvironment, exampleFolder, runExample } from './example-program.ts';

const DIFF = readFileSync(join(exampleFolder('reviewers'), 'example.diff'), 'utf8');

/** In the config and in TypeScript. */
const FORMS = {
  config: async (home: string, modelUrl: string) =>
    switchyard(['run', '--config', 'mcp.config.json', '--workflow', 'review', '-'], {
      cwd: exampleFolder('reviewers'),
      home,
      env: exampleEnvironment(modelUrl),
      input: DIFF,
    }),
  program: async (home: string, modelUrl: string) =>
    runExample(['reviewers', 'review.ts'], [], { home, modelUrl, input: DIFF }),
};

describe.each(Object.entries(FORMS))('the reviewers of the %s', (_, review) => {
  test('vote beside one another, and one answer is made of what they found', async () => {
    await using folder = await temporaryFolder('reviewers');
    let open = 0;
    let mostOpen = 0;
    await using model = await startModelServer({
      script: async (request) => {
        mostOpen = Math.max(mostOpen, ++open);
        // All three are there before the first is answered.
        if (request.system.includes('alone')) while (mostOpen < 3) await new Promise(setImmediate);
        open -= 1;
        return script(request);
      },
    });
    const { code, stdout, stderr } = await review(folder.path, model.url);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      'Rejected, 2 of 3: words go into the SQL as they come; two payments at once lose one\n',
    );
    expect(model.requests).toHaveLength(4);
  });

  test('count without one who fails, who is told of', async () => {
    await using folder = await temporaryFolder('reviewers');
    await using model = await startModelServer({
      script: (request) =>
        request.system.includes('style alone')
          ? { type: 'failure', status: 400, message: 'no such model' }
          : script(request),
    });
    const { code, stdout, stderr } = await review(folder.path, model.url);
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^Rejected, 2 of 2: .*; style could not be heard\n$/);
    expect(stderr).toMatch(/3:style.*failed/);
  });
});

const REVIEWS = {
  'security alone': { verdict: 'reject', findings: ['words go into the SQL as they come'] },
  'correctness alone': { verdict: 'reject', findings: ['two payments at once lose one'] },
  'style alone': { verdict: 'accept', findings: [] },
};

function script({ system, userText }: ScriptedRequest): ModelReply {
  const review = Object.entries(REVIEWS).find(([words]) => system.includes(words))?.[1];
  if (review !== undefined) {
    expect(userText).toContain('SELECT * FROM invoices');
    return { type: 'answer', toolCalls: [{ name: 'answer', arguments: review }] };
  }
  const { output, votes, of, ballots } = JSON.parse(userText) as Vote;
  const said = ballots.flatMap(({ part, output: found }) => found?.findings ?? `${part} could not be heard`);
  return {
    type: 'answer',
    text: `${output.verdict === 'reject' ? 'Rejected' : 'Accepted'}, ${votes} of ${of}: ${said.join('; ')}`,
  };
}

interface Vote {
  readonly output: { readonly verdict: string };
  readonly votes: number;
  readonly of: number;
  readonly ballots: readonly { readonly part: string; readonly output?: { readonly findings: string[] } }[];
}
