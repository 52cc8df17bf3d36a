import { describe, expect, test } from 'vitest';

import type { ModelMessage } from '../../../src/host/model/model.ts';
import { openTestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { oversizedServer } from '../../fixtures/oversized-server.ts';

const HANDLE = /switchyard:\/\/results\/[0-9a-f]{32}/;

/** What the model was given after it had asked for a report of this kind, and the host. */
async function shown(kind: 'picture' | 'sound', options: Partial<TestHostOptions>) {
  const opened = await openTestHost({
    servers: [oversizedServer()],
    script: (_request, n) =>
      n === 0
        ? { type: 'answer', toolCalls: [{ name: 'big__report', arguments: { kind } }] }
        : { type: 'answer', text: 'Seen.' },
    ...options,
  });
  const outcome = await (await opened.host.ask('Look.')).result;
  expect(outcome).toMatchObject({ type: 'done', output: { text: 'Seen.' } });
  return { opened, sent: JSON.stringify(opened.model.requests[1]?.body['messages']) };
}

describe('a model that takes it is given', () => {
  test.each(['anthropic', 'openai'] as const)('a picture on the wire of %s', async (wire) => {
    const { opened, sent } = await shown('picture', { wire });
    await using _ = opened;
    expect(sent).toContain('iVBORw0KGgo');
    expect(sent).not.toMatch(HANDLE);
  });

  test('a sound, where the config says that it does', async () => {
    const { opened, sent } = await shown('sound', { wire: 'openai', accepts: ['images', 'audio'] });
    await using _ = opened;
    expect(sent).toContain('"input_audio":{"data":"UklGRi');
    expect(sent).toContain('"format":"wav"');
  });
});

describe('a model that does not take it is given the address of', () => {
  test.each([
    ['sound', { wire: 'anthropic' as const }, 'audio/wav'],
    ['sound', { wire: 'openai' as const }, 'audio/wav'],
    ['picture', { wire: 'openai' as const, accepts: [] }, 'image/png'],
  ] as const)('a %s (%j)', async (kind, options, mimeType) => {
    const { opened, sent } = await shown(kind, options);
    await using _ = opened;
    expect(sent).toContain(`[${mimeType}, about `);
    const uri = HANDLE.exec(sent)?.[0] ?? 'none';
    expect(sent).not.toMatch(/iVBORw0KGgo|UklGRi/);
    const read = await opened.host.read(uri);
    expect(read).toMatchObject({
      type: 'complete',
      result: { contents: [{ uri, mimeType, blob: expect.stringMatching(/^iVBORw0KGgo|^UklGRi/) }] },
    });
  });
});

test('a picture of an earlier turn is left out, and named, for a model that takes none', async () => {
  const history: ModelMessage[] = [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'See this.' },
        { type: 'image', mimeType: 'image/png', base64: 'iVBORw0KGgo=' },
      ],
    },
    { role: 'assistant', content: [{ type: 'text', text: 'I see.' }] },
  ];
  await using opened = await openTestHost({
    wire: 'openai',
    accepts: [],
    script: () => ({ type: 'answer', text: 'Yes.' }),
  });
  expect((await (await opened.host.ask('And?', { history })).result).type).toBe('done');
  const sent = JSON.stringify(opened.model.requests[0]?.body['messages']);
  expect(sent).toContain('an image of type image/png, 9 bytes, was left out: this model does not take it');
  expect(sent).not.toContain('iVBORw0KGgo');
});
