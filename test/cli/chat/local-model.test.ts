import { join } from 'node:path';

import { expect, test } from 'vitest';

import { installScriptedRuntime, writeScript } from '../../fixtures/local/scripted-model.ts';
import { ask, openChatFolder, untilIdle } from './fixture.ts';

test('a small local model: banner, call, restatement and result, and Ctrl-C while it thinks', async () => {
  const models = { default: { model: 'local/my', file: 'my.gguf', tools: 'grammar' } };
  await using folder = await openChatFolder({ config: { models } });
  installScriptedRuntime(folder.home);
  writeScript(join(folder.cwd, 'my.gguf'), [
    { when: 'Result of', say: 'It is 21 degrees in Oslo.' },
    { when: 'Slow', hang: true },
    { when: 'weather', say: JSON.stringify({ name: 'agent__weather', arguments: { city: 'Oslo' } }) },
  ]);
  await using terminal = folder.open();
  await terminal.waitFor('local/my');
  ask(terminal, 'How is the weather in Oslo?');
  const screen = await untilIdle(terminal, 'said:');
  expect(screen).toContain('Small local model: one tool per question');
  expect(screen).toMatch(/✓ agent · weather \{"city":"Oslo"\}/);
  expect(screen).toContain('It is 21 degrees in Oslo.');
  // What the model decodes is no answer and is not shown.
  expect(screen).not.toContain('"arguments"');
  ask(terminal, 'How is the weather in Slow?');
  await terminal.waitFor(/^\S (Waiting|Thinking)/m);
  terminal.press('ctrl-c');
  await untilIdle(terminal, /stopped|cancelled/i);
});
