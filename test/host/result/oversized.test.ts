import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { createSecretDetector } from '../../../src/host/secret/detector.ts';
import { loadRules } from '../../../src/host/secret/rules.ts';
import {
  NEEDLE,
  type OversizedKind,
  oversizedPieces,
  PLANTED_SECRET,
} from '../../fixtures/mcp/oversized-text.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const run = promisify(execFile);

/** What a process of this size wins and loses by itself between two looks at it. */
const NOISE_BYTES = 8_000_000;

type Seen = {
  readonly idleBytes: number;
  readonly peakBytes: number;
  readonly contextTokens: number;
  readonly windowTokens: number;
  readonly text: string;
  readonly stored?: { readonly uri: string; readonly characters: number; readonly lines: number };
};

async function host(kind: OversizedKind, folder: string): Promise<Seen> {
  const program = join(import.meta.dirname, '../../fixtures/oversized-host.ts');
  const { stdout } = await run(process.execPath, ['--no-warnings', program, kind, folder]);
  return JSON.parse(stdout) as Seen;
}

/** The hash of the answer with its secret masked, and how large the message is that carries it. */
async function originalOf(kind: OversizedKind) {
  await loadRules();
  const detector = createSecretDetector({ known: [] });
  const redacted = createHash('sha256');
  let messageBytes = 0;
  for (const piece of oversizedPieces(kind)) {
    messageBytes += Buffer.byteLength(JSON.stringify(piece)) - 2;
    redacted.update(piece.includes(PLANTED_SECRET) ? detector.mask(piece) : piece);
  }
  return { sha256: redacted.digest('hex'), messageBytes };
}

async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

const withMemory = process.platform === 'linux';

test.each([
  ['text', 500_000],
  ['line', 1],
  ['lines', 200_000],
] as const)(
  'of a huge answer (%s) nothing but the secret is lost, memory holds it twice at most, and a model finds the needle',
  { timeout: 120_000 },
  async (kind, lines) => {
    await using folder = await temporaryFolder('oversized');
    const seen = await host(kind, folder.path);
    const original = await originalOf(kind);
    const id = seen.stored?.uri.split('/').at(-1) ?? 'none';
    expect(await sha256OfFile(join(folder.path, 'results', id))).toBe(original.sha256);
    expect(seen.stored?.lines).toBe(lines);
    expect(seen.text).toContain(NEEDLE);
    expect(seen.text).toContain('entry 0');
    expect(seen.contextTokens).toBeLessThan(seen.windowTokens);
    if (withMemory)
      expect(seen.peakBytes - seen.idleBytes).toBeLessThan(2 * original.messageBytes + NOISE_BYTES);
  },
);

test('an answer beyond the message limit is said to be lost, and costs no more memory', {
  timeout: 60_000,
}, async () => {
  await using folder = await temporaryFolder('oversized');
  const seen = await host('beyond-limit', folder.path);
  expect(seen.text).toMatch(/^Outcome unknown: .* has 30\d+ bytes; the limit is 268435456\. Ask for less/);
  expect(seen.stored).toBeUndefined();
  expect(await readdir(join(folder.path, 'results'))).toHaveLength(2);
  if (withMemory) expect(seen.peakBytes - seen.idleBytes).toBeLessThan(2 * 300_000_000);
});
