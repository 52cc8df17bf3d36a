import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ResultAccess } from '../../../src/host/result/contract.ts';
import { readBase64, readWholeText } from '../../../src/host/result/read-result.ts';
import { execNode } from '../../fixtures/exec-node.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';
import { DAY_MS, fileOf, openStore, PERSON, text } from './store-fixture.ts';

const sha256 = (value: string | Buffer) => createHash('sha256').update(value).digest('hex');
const SESSION = { actor: 'person', sessionId: 'session-1' };

function addSession(store: ReturnType<typeof openStore>, id: string): Promise<void> {
  return store.state.open().then(({ database }) => {
    database
      .prepare("INSERT INTO sessions (id, project, created_ms, updated_ms) VALUES (?, '/', 0, 0)")
      .run(id);
  });
}

test('a text is kept whole in a file that only its owner may read, and described by its row', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  const whole = `first\n${'😀é漢 line\n'.repeat(300_000)}last`;
  const stored = await store.results.keep(text(whole), 'web__fetch', PERSON);
  expect(stored).toMatchObject({
    tool: 'web__fetch',
    mimeType: 'text/plain',
    isText: true,
    characters: whole.length,
    lines: 300_002,
    sizeBytes: Buffer.byteLength(whole),
    sha256: sha256(whole),
  });
  expect(stored.uri).toMatch(/^switchyard:\/\/results\/[0-9a-f]{32}$/);
  expect(stored.chunks.length).toBeGreaterThan(2);
  const file = store.results.file(stored);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(home.path, 'results'))).mode & 0o777).toBe(0o700);
  expect(sha256(await readFile(file))).toBe(stored.sha256);
  expect(await store.results.find(stored.uri, PERSON)).toEqual(stored);
  expect(await readWholeText(fileOf(store.results, stored))).toBe(whole);
});

test('data is kept as its bytes, and what only claims to be base64 as the text it is', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  const bytes = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, index) => (index * 7) % 256));
  const keep = (base64: string) =>
    store.results.keep({ type: 'bytes', mimeType: 'application/x-disk', base64 }, 'disk__image', PERSON);
  const stored = await keep(bytes.toString('base64'));
  expect(stored).toMatchObject({ isText: false, sizeBytes: 3_000_001, characters: 0, sha256: sha256(bytes) });
  expect(await readBase64(fileOf(store.results, stored))).toBe(bytes.toString('base64'));
  const wrapped = await keep(bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n'));
  expect(wrapped.sha256).toBe(stored.sha256);
  const broken = await keep('not base64 at all!');
  expect(broken).toMatchObject({ isText: true });
  expect(await readWholeText(fileOf(store.results, broken))).toBe('not base64 at all!');
});

test('a result is found by whom it belongs to and by nobody else, and nobody learns which of both it is', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  const own = await store.results.keep(text('of a session'), 'tool', SESSION);
  const free = await store.results.keep(text('of no session'), 'tool', PERSON);
  expect((await store.results.find(own.uri, SESSION)).id).toBe(own.id);
  expect((await store.results.find(own.uri, PERSON)).id).toBe(own.id);
  expect((await store.results.find(free.uri, SESSION)).id).toBe(free.id);

  const unknown = `switchyard://results/${'0'.repeat(32)}`;
  const refusal = (uri: string, access: ResultAccess) =>
    store.results.find(uri, access).then(
      () => 'found',
      (error: Error) => error.message.replace(uri, 'URI'),
    );
  const expected = await refusal(unknown, PERSON);
  expect(expected).toContain('Call the tool that gave it again');
  for (const [uri, access] of [
    [own.uri, { actor: 'person', sessionId: 'session-2' }],
    [own.uri, { actor: 'client:1', sessionId: 'session-1' }],
    [free.uri, { actor: 'client:1' }],
    [`${free.uri}0`, PERSON],
    [`switchyard://results/../state.db`, PERSON],
    [free.uri.toUpperCase(), PERSON],
  ] as const) {
    expect(await refusal(uri, access)).toBe(expected);
  }
});

test('a result lives 24 hours, one of a session as long as the session', async () => {
  await using home = await temporaryFolder('results');
  let nowMs = 1_000;
  using store = openStore(home.path, () => nowMs);
  await addSession(store, 'session-1');
  const own = await store.results.keep(text('of a session'), 'tool', SESSION);
  const free = await store.results.keep(text('of no session'), 'tool', PERSON);
  nowMs += DAY_MS - 1;
  await store.results.find(free.uri, PERSON);
  nowMs += 2;
  await expect(store.results.find(free.uri, PERSON)).rejects.toMatchObject({ code: 'unknown-result' });
  await store.results.find(own.uri, SESSION);
  await store.results.sweep();
  expect(await readdir(join(home.path, 'results'))).toEqual([own.id]);

  (await store.state.open()).database.prepare('DELETE FROM sessions').run();
  await expect(store.results.find(own.uri, SESSION)).rejects.toMatchObject({ code: 'unknown-result' });
  await store.results.sweep();
  expect(await readdir(join(home.path, 'results'))).toEqual([]);
});

test('what a host that died left behind is removed when another one opens the store', async () => {
  await using home = await temporaryFolder('results');
  const folder = join(home.path, 'results');
  const kept = await (async () => {
    using store = openStore(home.path);
    return store.results.keep(text('kept'), 'tool', PERSON);
  })();
  await writeFile(join(folder, 'f'.repeat(32)), 'no row');
  await writeFile(join(folder, 'old.partial'), 'half');
  await utimes(join(folder, 'old.partial'), 0, 0);
  await writeFile(join(folder, 'young.partial'), 'another host writes this');
  using store = openStore(home.path);
  await store.results.sweep();
  expect((await readdir(folder)).sort()).toEqual([kept.id, 'young.partial'].sort());
});

test('without results nothing is opened', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  await store.results.sweep();
  await expect(store.results.find('switchyard://results/x', PERSON)).rejects.toMatchObject({
    code: 'unknown-result',
  });
  expect(existsSync(join(home.path, 'state.db'))).toBe(false);
});

test('a file that is missing, cut or changed is said to be damaged', async () => {
  await using home = await temporaryFolder('results');
  using store = openStore(home.path);
  const whole = 'a line\n'.repeat(200_000);
  const damage: readonly ((file: string) => Promise<void>)[] = [
    (file) => rm(file),
    (file) => truncate(file, 1_399_999),
    (file) => writeFile(file, `${whole.slice(0, -2)}x\n`),
  ];
  for (const harm of damage) {
    const stored = await store.results.keep(text(whole), 'tool', PERSON);
    await harm(store.results.file(stored));
    await expect(readWholeText(fileOf(store.results, stored))).rejects.toMatchObject({
      code: 'result-damaged',
      message: expect.stringContaining(`${stored.uri} is damaged`),
    });
  }
});

test('where nothing can be written nothing is left, and the reason is told', async () => {
  await using home = await temporaryFolder('results');
  await writeFile(join(home.path, 'results'), 'a file where the folder should be');
  using store = openStore(home.path);
  await expect(store.results.keep(text('x'), 'tool', PERSON)).rejects.toMatchObject({
    code: 'result-not-kept',
    message: expect.stringContaining('could not be kept'),
  });
});

test.skipIf(process.platform === 'win32')(
  'a full disk is called by its name, and half a file is not left',
  async () => {
    await using home = await temporaryFolder('results');
    // No file of this process may grow beyond 8 MB, which the system tells like a full disk.
    const script = `
    import { openStore, PERSON, text } from '${join(import.meta.dirname, 'store-fixture.ts')}';
    using store = openStore(process.argv[1]);
    await store.results.keep(text('small'), 'tool', PERSON);
    await store.results.keep(text('x'.repeat(10_000_000)), 'tool', PERSON)
      .catch((error) => process.stdout.write(error.code + ': ' + error.message));`;
    const { stdout } = await execNode(script, [home.path], { maxFileMb: 8 });
    expect(stdout).toMatch(/^result-not-kept: The result could not be kept: no space is left/);
    expect(await readdir(join(home.path, 'results'))).toHaveLength(1);
  },
);

test('two hosts keep and sweep in one folder at the same time, and none loses a result', async () => {
  await using home = await temporaryFolder('results');
  const script = `
    import { openStore, PERSON, text } from '${join(import.meta.dirname, 'store-fixture.ts')}';
    using store = openStore(process.argv[1]);
    for (let index = 0; index < 30; index += 1) {
      const { uri } = await store.results.keep(text(process.argv[2] + ' ' + index), 'tool', PERSON);
      await store.results.sweep();
      console.log(uri);
    }`;
  const outputs = await Promise.all(['one', 'two'].map((name) => execNode(script, [home.path, name])));
  using store = openStore(home.path);
  for (const [host, { stdout }] of outputs.entries()) {
    const uris = stdout.trim().split('\n');
    expect(uris).toHaveLength(30);
    for (const [index, uri] of uris.entries()) {
      const stored = await store.results.find(uri, PERSON);
      expect(await readWholeText(fileOf(store.results, stored))).toBe(`${['one', 'two'][host]} ${index}`);
    }
  }
});
