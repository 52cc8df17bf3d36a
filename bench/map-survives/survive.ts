/** Starts `examples/thousand-letters` again and again while it, or its ledger server, is killed with SIGKILL at random times. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

import { processesWith } from '../../test/fixtures/processes.ts';
import { startLetterModel } from './letter-model.ts';

export interface SurviveOptions {
  readonly folder: string;
  readonly letters: number;
  /** A kill comes after a time between these two since it began to work, or since the last one of its server. */
  readonly killAfterMs: readonly [number, number];
  /** What a kill ends, by how many there were before. */
  readonly target: (kills: number) => 'program' | 'server';
  readonly latencyMs: number;
  readonly random: () => number;
  /** No more than these. */
  readonly maxKills?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
}

export interface Survived {
  readonly starts: number;
  readonly hostKills: number;
  readonly serverKills: number;
  readonly lines: readonly LedgerLine[];
  /** Letters with more than one line. */
  readonly doubled: readonly number[];
  readonly lost: readonly number[];
  /** Calls that came to the ledger more than once, and were done once. */
  readonly sentAgain: number;
  /** Model calls over one for each letter: what was asked when a kill came is asked again. */
  readonly askedAgain: number;
  /** Of the start that came to the end. */
  readonly exitCode: number | null;
  readonly output: string;
}

export type LedgerLine = {
  readonly letter: number;
  readonly kind: string;
  readonly urgent: number;
  readonly sent: number;
};

const PROGRAM = join(import.meta.dirname, '../../examples/thousand-letters/sort-letters.ts');

const SHARE_OF_EARLY_KILLS = 0.2;

export async function survive(options: SurviveOptions): Promise<Survived> {
  const { folder, letters, random, onLine, maxKills = Number.POSITIVE_INFINITY } = options;
  const [shortest, longest] = options.killAfterMs;
  const ledger = join(folder, 'ledger.db');
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true, mode: 0o700 });
  await using model = await startLetterModel(options.latencyMs);
  let [starts, hostKills, serverKills] = [0, 0, 0];
  for (;;) {
    starts += 1;
    const child = spawn(process.execPath, ['--conditions=switchyard-source', PROGRAM, String(letters)], {
      // Nothing of the machine's own keys and settings reaches the program.
      env: {
        ...options.env,
        PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
        HOME: home,
        SWITCHYARD_HOME: home,
        LEDGER_FILE: ledger,
        ANTHROPIC_API_KEY: 'sk-ant-scripted',
        ANTHROPIC_BASE_URL: model.url,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onLine?.(text);
      });
    const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    // Most kills come in the midst of work, however long a start takes on this machine; some as it starts and reads its journal.
    if (random() >= SHARE_OF_EARLY_KILLS) await Promise.race([model.nextQuestion(), ended]);
    while (!isOver && hostKills + serverKills < maxKills) {
      const abort = new AbortController();
      const time = delay(shortest + random() * (longest - shortest), undefined, { signal: abort.signal });
      await Promise.race([time.catch(() => undefined), ended]);
      abort.abort();
      if (isOver) break;
      if (options.target(hostKills + serverKills) === 'server') {
        const servers = await processesWith('ledger-server.ts', ledger);
        for (const pid of servers) if (killed(pid)) serverKills += 1;
        continue;
      }
      if (child.kill('SIGKILL')) hostKills += 1;
      break;
    }
    const [exitCode, signal] = await ended;
    if (signal === 'SIGKILL') continue;
    return {
      ...{ starts, hostKills, serverKills, exitCode, output },
      ...whatStands(ledger, letters),
      askedAgain: [...model.asked.values()].reduce((sum, times) => sum + times - 1, 0),
    };
  }
}

function killed(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
    return false;
  }
}

function whatStands(
  file: string,
  letters: number,
): Pick<Survived, 'lines' | 'doubled' | 'lost' | 'sentAgain'> {
  using ledger = new DatabaseSync(file, { readOnly: true, timeout: 10_000 });
  const lines = ledger
    .prepare('SELECT letter, kind, urgent, sent FROM lines ORDER BY letter')
    .all() as LedgerLine[];
  const byLetter = Map.groupBy(lines, ({ letter }) => letter);
  const all = Array.from({ length: letters }, (_, index) => index + 1);
  return {
    lines,
    doubled: [...byLetter].flatMap(([letter, written]) => (written.length > 1 ? letter : [])),
    lost: all.filter((letter) => !byLetter.has(letter)),
    sentAgain: lines.reduce((sum, { sent }) => sum + sent - 1, 0),
  };
}
