import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { attachmentsOf, openMention } from '../../../src/host/cli/chat/input/mention.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

const catalog = {
  resources: [{ uri: 'note://one', server: 'notes', definition: {} }],
  resourceTemplates: [{ uriTemplate: 'page://{book}/{number}', server: 'library', definition: {} }],
};

test('what is being written behind an @ at the beginning of a word', () => {
  expect(openMention('see @doc')).toBe('doc');
  expect(openMention('@"two wo')).toBe('two wo');
  expect(openMention('(@a/b')).toBe('a/b');
  expect(openMention('me@example')).toBeUndefined();
  expect(openMention('@a b')).toBeUndefined();
});

test('files, resources and fitting templates are attached once each; folders, handles and addresses are text', async () => {
  await using folder = await temporaryFolder('mention');
  await writeFile(join(folder.path, 'a.md'), '');
  await writeFile(join(folder.path, 'two words.md'), '');
  await mkdir(join(folder.path, 'docs'));
  const request =
    'Compare @a.md, (@a.md) and @"two words.md" with @note://one and @page://alice/7. Ask @bob, b@a.md, @docs.';
  expect(attachmentsOf(request, folder.path, catalog)).toEqual([
    { type: 'file', path: 'a.md' },
    { type: 'file', path: 'two words.md' },
    { type: 'resource', uri: 'note://one' },
    { type: 'resource', uri: 'page://alice/7' },
  ]);
});
