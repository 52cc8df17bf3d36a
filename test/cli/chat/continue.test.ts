import { afterEach, beforeEach, expect, test } from 'vitest';

import { switchyard } from '../../fixtures/command-line.ts';
import { untilStored } from '../../fixtures/stored-step.ts';
import { ask, type ChatFolder, openChatFolder, untilIdle } from './fixture.ts';

let folder: ChatFolder;

beforeEach(async () => {
  folder = await openChatFolder();
});

afterEach(() => folder[Symbol.asyncDispose]());

/** A chat that is killed while it waits for the answer behind a call. */
async function killedChat(): Promise<void> {
  const second = Promise.withResolvers<void>();
  folder.script((_request, n) => {
    if (n === 0)
      return { type: 'answer', toolCalls: [{ name: 'agent__weather', arguments: { city: 'Oslo' } }] };
    second.resolve();
    return { type: 'silence' };
  });
  await using terminal = folder.open();
  await terminal.waitFor('anthropic/scripted');
  ask(terminal, 'How is Oslo?');
  await second.promise;
  await untilStored(folder.home, 'call');
  terminal.signal('SIGKILL');
  await terminal.ended;
}

test('a conversation whose last request was cut off says so, and /continue goes on with it once', async () => {
  await killedChat();
  folder.script(() => ({ type: 'answer', text: 'It is **mild** in Oslo.' }));
  await using terminal = folder.open({ args: ['--resume'] });
  await terminal.waitFor('Which conversation?');
  terminal.press('enter');
  const screen = await terminal.waitFor('The last request was cut off: /continue goes on with it.');
  expect(screen).toContain('› How is Oslo?');
  ask(terminal, '/continue');
  const answered = await untilIdle(terminal, 'It is mild in Oslo.');
  // The call that is on the screen already is not shown again.
  expect(answered.match(/✓ agent · weather/g)).toHaveLength(1);
  expect(await folder.ledger()).toBe('weather-start Oslo\nweather-end Oslo\n');
  ask(terminal, '/continue');
  await terminal.waitFor('there is nothing to go on with');
  folder.script(() => ({ type: 'answer', text: 'As I said.' }));
  ask(terminal, 'Really?');
  await untilIdle(terminal, 'As I said.');
  expect(JSON.stringify(folder.model.requests.at(-1)?.body['messages'])).toMatch(
    /How is Oslo\?.*mild.*Really\?/,
  );
});

test('lines of a pipe are told how to go on with it', async () => {
  await killedChat();
  folder.script(() => ({ type: 'answer', text: 'Hello.' }));
  const { cwd, home } = folder;
  const args = ['chat', '--resume', '--config', 'chat.json'];
  const talked = await switchyard(args, { cwd, home, input: 'Hi.\n' });
  expect(talked).toMatchObject({ code: 0, stdout: 'Hello.\n' });
  expect(talked.stderr).toMatch(/cut off\. To go on with it: switchyard runs resume run_/);
});
