/**
 * `npm run bench -- map-survives [--letters 1000] [--kill-after-ms 2000-3000] [--latency-ms 400] [--seed 1]`: the example
 * `thousand-letters` with a SIGKILL of the program or of its ledger server every few seconds. Exits with 1 where a letter
 * does not stand exactly once in the ledger.
 */
import { parseArgs } from 'node:util';

import { temporaryFolder } from '../test/fixtures/temporary-folder.ts';
import { survive } from './map-survives/survive.ts';
import { printTable, seededRandom } from './report.ts';

const SHARE_OF_SERVER_KILLS = 0.3;

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      letters: { type: 'string', default: '1000' },
      'kill-after-ms': { type: 'string', default: '2000-3000' },
      'latency-ms': { type: 'string', default: '400' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    },
  });
  const letters = Number(values.letters);
  const [shortest = 2_000, longest = shortest] = values['kill-after-ms'].split('-').map(Number);
  const started = performance.now();
  console.log(`seed ${values.seed}, a SIGKILL after every ${shortest} to ${longest} ms`);
  await using folder = await temporaryFolder('map-survives');
  const random = seededRandom(Number(values.seed));
  const survived = await survive({
    folder: folder.path,
    letters,
    killAfterMs: [shortest, longest],
    target: () => (random() < SHARE_OF_SERVER_KILLS ? 'server' : 'program'),
    latencyMs: Number(values['latency-ms']),
    random,
    onLine: (text) => process.stdout.write(text.replaceAll(/^(?=.)/gm, '  ')),
  });
  const { doubled, lost, lines } = survived;
  printTable(
    ['', 'count'],
    [
      ['letters', letters],
      ['lines in the ledger', lines.length],
      ['letters with more than one line', doubled.length],
      ['letters without a line', lost.length],
      ['kills of the program', survived.hostKills],
      ['kills of the ledger server', survived.serverKills],
      ['starts of the program', survived.starts],
      ['calls that were sent again and done once', survived.sentAgain],
      ['model calls that a kill cut off and were paid twice', survived.askedAgain],
    ],
  );
  console.log(`${((performance.now() - started) / 1_000).toFixed(1)} s`);
  const holds = survived.exitCode === 0 && doubled.length + lost.length === 0 && lines.length === letters;
  console.log(
    holds ? 'Each letter stands exactly once.' : `It does not hold; exit code ${survived.exitCode}.`,
  );
  process.exitCode = holds ? 0 : 1;
}
