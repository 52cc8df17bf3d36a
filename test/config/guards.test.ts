import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { guardSettings } from '../../src/config/guard-settings.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('without the key secrets are masked, injections marked, and answers stream', () => {
  expect(guardSettings()).toEqual({
    secrets: true,
    injection: 'mark',
    output: 'stream',
    maxCharacters: {},
    content: [],
    topics: [],
  });
});

test('an answer that a guard may refuse or change is shown whole, unless the config says otherwise', () => {
  const whole = [
    { pii: {} },
    { maxCharacters: { output: 10 } },
    { content: [{ deny: ['x'] }] },
    { topics: [{ name: 'x', examples: ['x'], stages: ['output' as const] }] },
  ];
  for (const written of whole) {
    expect(guardSettings(written).output).toBe('whole');
    expect(guardSettings({ ...written, output: 'stream' }).output).toBe('stream');
  }
  const streaming = [
    { pii: { stages: ['input' as const] } },
    { maxCharacters: { input: 10 } },
    { content: [{ deny: ['x'], stages: ['tool-call' as const] }] },
    { topics: [{ name: 'x', examples: ['x'] }] },
  ];
  for (const written of streaming) expect(guardSettings(written).output).toBe('stream');
});

test('personal data is looked for where it comes in and goes out, not in what a model sends', () => {
  expect(guardSettings({ pii: { entities: ['email'] } }).pii).toEqual({
    entities: ['email'],
    action: 'mask',
    stages: ['input', 'tool-result', 'output'],
  });
});

test('a pattern that is none of RE2 is an error with its place', async () => {
  await using folder = await temporaryFolder('guards-config');
  const file = join(folder.path, 'config.json');
  await writeFile(file, '{\n  "guards": {\n    "content": [{ "deny": ["word", "/(?=ahead)/"] }]\n  }\n}\n');
  const loading = loadConfig({
    configFile: file,
    workingFolder: folder.path,
    homeFolder: folder.path,
    userFolder: folder.path,
    env: {},
  });
  await expect(loading).rejects.toMatchObject({
    code: 'config-invalid',
    message: expect.stringMatching(/3:\d+[\s\S]*RE2/),
  });
});
