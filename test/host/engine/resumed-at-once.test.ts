import { expect, test } from 'vitest';

import type { Json } from '../../../src/json.ts';
import type { RunContext } from '../../../src/host/context.ts';
import { eventsOf, openTestHost } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

test('a run that is resumed twice at the same moment is taken once', async () => {
  await using folder = await temporaryFolder('at-once');
  const script = () => ({ type: 'answer', text: 'unasked' }) as const;
  const workflows = { wait: (context: RunContext) => context.waitFor<Json>('go') };
  const options = { script, home: folder.path, folder: folder.path, workflows };
  let id: string;
  {
    await using first = await openTestHost(options);
    const left = await first.host.run('wait', null, { onWait: 'leave' });
    expect((await left.result).type).toBe('suspended');
    id = left.id;
  }
  await using second = await openTestHost(options);
  const [one, two] = await Promise.all([second.host.resume(id), second.host.resume(id)]);
  expect(two).toBe(one);
  await second.host.engine.signal(id, 'go', 'gone');
  expect(await one.result).toMatchObject({ type: 'done', output: 'gone' });
  const types = (await eventsOf(one)).map(({ type }) => type);
  expect(types.filter((type) => type === 'run-resume')).toHaveLength(1);
});
