/**
 * What the guards find and what they cost: injections in requests and planted in contexts, personal data, and how fast
 * secrets and injections are looked for. `npm run bench -- guards`
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { injectionSigns } from '../src/host/guard/injection-signs.ts';
import { createSecretStream } from '../src/host/guard/secret-stream.ts';
import { untrustedText } from '../src/host/guard/untrusted.ts';
import { createSecretDetector } from '../src/host/secret/detector.ts';
import { loadRules } from '../src/host/secret/rules.ts';
import { contexts } from './guards/data.ts';
import { measureInjections } from './guards/injections.ts';
import { measurePersonalData } from './guards/personal-data.ts';
import { median, printTable } from './report.ts';

const LARGE_LENGTH = 25_000_000;
const RUNS = 3;
/** As many as a config with twenty servers may hold. */
const KNOWN_SECRETS = 40;

export async function main(): Promise<void> {
  measureInjections();
  await measurePersonalData();
  await measureSpeed();
}

async function measureSpeed(): Promise<void> {
  const prose = contexts()
    ?.map(({ text }) => text)
    .join('\n');
  if (prose === undefined) return;
  await loadRules();
  const known = Array.from(
    { length: KNOWN_SECRETS },
    (_, index) => `known-secret-${index}-${(index * 7919).toString(36)}`,
  );
  const detector = createSecretDetector({ known });
  const lockFile = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
  const base64 = Buffer.from(prose).toString('base64');
  const secrets = [
    ['prose', prose],
    ['lock file', lockFile],
    ['base64 in one line', base64],
  ].map(([name = '', text = '']) => {
    const large = text.repeat(Math.ceil(LARGE_LENGTH / text.length)).slice(0, LARGE_LENGTH);
    return [`secrets, 25 MB of ${name}`, speed(large.length, () => void detector.find(large))];
  });
  const words = prose.slice(0, 200_000).match(/\S+\s*/g) ?? [];
  console.log('\nHow fast, median of three:');
  printTable(
    ['', 'MB/s'],
    [
      ...secrets,
      [
        `secrets in a stream, word by word`,
        speed(200_000, () => {
          const stream = createSecretStream(detector);
          for (const word of words) stream.push(word);
          stream.flush();
        }),
      ],
      ['injections, 1 MB of prose', speed(1_000_000, () => void injectionSigns(prose.slice(0, 1_000_000)))],
      [
        'delimiting for a prompt, 32,000 characters',
        speed(32_000, (run) => {
          // Another text each time: the latest ones are remembered.
          untrustedText({ origin: 'tool x', id: 'x', text: prose.slice(run * 1_000, run * 1_000 + 32_000) });
        }),
      ],
    ],
  );
}

function speed(characters: number, work: (run: number) => void): string {
  const rates = Array.from({ length: RUNS }, (_, run) => {
    const started = performance.now();
    work(run);
    return characters / 1_000 / (performance.now() - started);
  });
  return median(rates).toFixed(1);
}
