/** What a person sees of a call before it is made: asked of a real filesystem server. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { StdioDefinition } from '../../../src/config/server-definition.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { JsonObject } from '../../../src/json.ts';
import { foldDiff } from '../../../src/host/approval/diff-text.ts';
import { createPreview, type Preview } from '../../../src/host/approval/preview.ts';
import type { ApprovalRequest } from '../../../src/host/tool-call/policy.ts';
import { openRegistry } from '../../../src/registry/index.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

function request(tool: string, server = 'files'): ApprovalRequest {
  return {
    name: `${server}__${tool}`,
    ownName: tool,
    server,
    title: tool,
    traits: { readOnly: false, destructive: true, idempotent: false, openWorld: false },
    arguments: {},
    signal: new AbortController().signal,
  };
}

async function files(
  folder: string,
): Promise<{ registry: Awaited<ReturnType<typeof openRegistry>>; preview: Preview }> {
  await mkdir(join(folder, 'home'));
  const file = join(folder, 'config.json');
  await writeFile(
    file,
    JSON.stringify({ mcpServers: { files: { builtin: 'filesystem', roots: ['work'] } } }),
  );
  const config = await loadConfig({
    configFile: file,
    workingFolder: folder,
    homeFolder: join(folder, 'home'),
    env: {},
  });
  const registry = await openRegistry({
    servers: config.servers,
    homeFolder: join(folder, 'home'),
    clientInfo: { name: 'test', version: '0' },
    log: () => undefined,
  });
  await registry.ready();
  const [definition] = config.servers as readonly StdioDefinition[];
  return { registry, preview: createPreview({ registry, builtin: () => definition?.builtin }) };
}

test('a write, an edit and a move show what they would change, and change nothing', async () => {
  await using folder = await temporaryFolder('preview');
  const work = join(folder.path, 'work');
  await mkdir(work);
  await writeFile(join(work, 'note.md'), 'one\ntwo\nthree\n');
  await writeFile(join(work, 'other.md'), 'other\n');
  await writeFile(
    join(work, 'picture.png'),
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]),
  );
  const { registry, preview } = await files(folder.path);
  await using _ = registry;
  const show = (tool: string, args: JsonObject) => preview(request(tool), args);

  expect(await show('write_file', { path: 'note.md', content: 'one\n2\nthree\n' })).toMatch(
    /^--- note\.md\n\+\+\+ note\.md\n@@ .*\n one\n-two\n\+2\n three/,
  );
  expect(await show('write_file', { path: 'new.md', content: 'fresh\n' })).toMatch(
    /^--- \/dev\/null\n.*\+fresh/s,
  );
  expect(await show('write_file', { path: 'note.md', content: 'one\ntwo\nthree\n' })).toBe(
    '[note.md stays as it is.]',
  );
  expect(await show('write_file', { path: 'picture.png', content: 'text' })).toMatch(
    /picture\.png is binary \(image\/png, 10 bytes\)/,
  );
  expect(await show('write_file', { path: '../outside.md', content: 'x' })).toMatch(/It would fail: /);
  expect(await show('edit_file', { path: 'note.md', edits: [{ oldText: 'two', newText: '2' }] })).toMatch(
    /-two\n\+2/,
  );
  expect(await show('edit_file', { path: 'note.md', edits: [{ oldText: 'four', newText: '4' }] })).toMatch(
    /It would fail: .*oldText does not occur/,
  );
  expect(await show('move_file', { source: 'note.md', destination: 'other.md', overwrite: true })).toMatch(
    /rename from note\.md\nrename to other\.md\n\[other\.md is there \(6 bytes\) and is lost/,
  );
  expect(await show('create_directory', { path: 'sub' })).toBeUndefined();
  expect(await readFile(join(work, 'note.md'), 'utf8')).toBe('one\ntwo\nthree\n');
  expect(await readFile(join(work, 'other.md'), 'utf8')).toBe('other\n');
});

test('another server is never asked; a patch or a replacement in its arguments is shown as a diff', async () => {
  const unreachable = (): never => {
    throw new Error('another server was asked');
  };
  const preview = createPreview({
    registry: { catalog: unreachable, call: unreachable },
    builtin: () => undefined,
  });
  const show = (args: JsonObject) => preview(request('str_replace', 'editor'), args);
  expect(await show({ path: 'a.ts', old_string: 'let a', new_string: 'const a' })).toMatch(
    /--- a\.ts\n.*-let a\n.*\+const a/s,
  );
  const patch = '--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n';
  expect(await show({ patch })).toBe(patch);
  expect(await show({ patch: 'security' })).toBeUndefined();
  expect(await show({ old_string: 'a', new_string: 7 })).toBeUndefined();
  // Named like our own, but not ours.
  expect(await preview(request('write_file', 'evil'), { path: 'a', content: 'b' })).toBeUndefined();
});

test('a huge diff is folded, and says how much is left out', () => {
  const lines = Array.from({ length: 5_000 }, (_, index) => `${index % 2 === 0 ? '+' : '-'}line ${index}`);
  const folded = foldDiff(lines.join('\n'));
  expect(folded.split('\n')).toHaveLength(201);
  expect(folded).toMatch(/\[4800 more lines: 2400 added, 2400 removed\]$/);
  const wide = foldDiff(`+${'x'.repeat(1_000_000)}\n-y`);
  expect(wide.length).toBeLessThan(21_000);
  expect(wide).toMatch(/\(1000001 characters\)\n\[1 more lines: 0 added, 1 removed\]$/);
});
