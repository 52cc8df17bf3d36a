import { openChatFolder, ask, untilIdle } from './cli/chat/fixture.ts';
await using folder = await openChatFolder();
for (let i = 0; i < 2; i++) {
  let t0 = performance.now();
  const lap = (w: string) => {
    console.log(w, Math.round(performance.now() - t0));
    t0 = performance.now();
  };
  const t = folder.open();
  await t.waitFor('anthropic/scripted');
  lap('open');
  folder.script(() => ({ type: 'answer', text: 'word '.repeat(2_000), delayMs: 10 }));
  ask(t, 'Talk');
  await t.waitFor('word word');
  lap('word');
  t.press('ctrl-c');
  await untilIdle(t, 'Stopped.');
  lap('stopped');
  folder.script(() => ({ type: 'answer', text: 'Here I am.' }));
  ask(t, 'x');
  await untilIdle(t, 'Here I am.');
  lap('again');
  t.press('ctrl-d');
  await t.ended;
  lap('ended');
  console.log(t.raw.length);
  await t[Symbol.asyncDispose]();
}
