import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { openTestHost } from '../../fixtures/open-host.ts';
import { mountSmallDisk } from '../../fixtures/small-disk.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { until } from '../../registry/fixture.ts';
import { effectsIn, LINES, openLedgerHost, ownerOf, rowsOf } from './ledger-host.ts';

const WHO = [
  ['the same host', 'complete'],
  ['a host beside it', 'complete'],
  // The answer of the last call came when there was no room for it any more, and who knew it is gone.
  ['a host after it', 'uncertain'],
] as const;

test.for(WHO)(
  'on a disk that fills up in mid-run it stops before its next effect, and %s goes on with it when there is room',
  async ([who, last], { skip }) => {
    await using folder = await temporaryFolder('full-disk');
    const path = join(folder.path, 'disk');
    await using disk = await mountSmallDisk(path, '24M');
    if (disk === undefined) return skip('file systems cannot be mounted here');
    const ledger = join(folder.path, 'ledger');
    const ballast = join(path, 'ballast');
    let isFull = false;
    const atLine = (label: string): void => {
      if (label !== 'd' || isFull) return;
      isFull = true;
      fill(ballast);
    };
    const options = { folder: path, ledger, atLine };
    await using firsts = new AsyncDisposableStack();
    const first = firsts.use(await openLedgerHost(options));
    const run = first.host.engine.start(first.lines, null);
    expect(await run.result).toMatchObject({
      type: 'suspended',
      reason: 'journal-unavailable',
      message: expect.stringMatching(
        /could not be written down.*state\.db could not be written.*Free some space/s,
      ),
    });
    expect(effectsIn(ledger)).toEqual({ a: 1, b: 1, c: 1 });
    const journaled = rowsOf(path, run.id);
    await expect(first.host.engine.resume(run.id)).rejects.toMatchObject({ code: 'store-full' });
    if (who === 'a host after it') await firsts.disposeAsync();

    rmSync(ballast);
    if (who === 'a host beside it')
      await until(() => ownerOf(path, run.id) === null, 'the first host lets go of the run');
    await using seconds = new AsyncDisposableStack();
    const { host } = who === 'the same host' ? first : seconds.use(await openLedgerHost(options));
    const resumed = await host.engine.resume(run.id);
    const outcomes = Object.fromEntries(LINES.map((label) => [label, label === 'c' ? last : 'complete']));
    expect(await resumed.result).toMatchObject({ type: 'done', output: outcomes });
    expect(effectsIn(ledger)).toEqual(Object.fromEntries(LINES.map((label) => [label, 1])));
    expect(rowsOf(path, run.id).slice(0, journaled.length)).toEqual(journaled);
    expect(await host.engine.replay(run.id)).toMatchObject({ type: 'identical', complete: true });
  },
);

test('what there is no room for in one run stops no run beside it', async ({ skip }) => {
  await using folder = await temporaryFolder('full-disk');
  const path = join(folder.path, 'disk');
  await using disk = await mountSmallDisk(path, '24M');
  if (disk === undefined) return skip('file systems cannot be mounted here');
  await using opened = await openTestHost({ script: () => ({ type: 'answer', text: '' }), folder: path });
  const { engine } = opened.host;
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  // Both come to their ends in the same turn, and are written together.
  const workflow: RegisteredWorkflow = {
    name: 'note',
    run: (context, characters) =>
      context.step('note', async () => {
        begun += 1;
        await gate.promise;
        return 'n'.repeat(Number(characters));
      }),
  };
  const large = engine.start(workflow, 450_000);
  const small = engine.start(workflow, 10);
  await until(
    () => begun === 2 && [large, small].every(({ id }) => rowsOf(path, id).length > 0),
    'both are under way and written down',
  );
  const ballast = join(path, 'ballast');
  fill(ballast, 300_000);
  gate.resolve();
  expect(await small.result).toMatchObject({ type: 'done' });
  expect(await large.result).toMatchObject({ type: 'suspended', reason: 'journal-unavailable' });
  expect(await engine.replay(small.id)).toMatchObject({ type: 'identical', complete: true });

  rmSync(ballast);
  const resumed = await engine.resume(large.id);
  expect(await resumed.result).toMatchObject({ type: 'done', output: 'n'.repeat(450_000) });
});

/** Leaves so many bytes and not a page more. */
function fill(file: string, freeBytes = 0): void {
  const { bavail, bsize } = statfsSync(dirname(file));
  writeFileSync(file, Buffer.alloc(bavail * bsize - freeBytes));
}
