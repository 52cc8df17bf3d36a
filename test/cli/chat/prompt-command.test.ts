import { expect, test } from 'vitest';

import {
  parsePromptArguments,
  promptName,
  requestOfPrompt,
  writtenValue,
} from '../../../src/host/cli/chat/input/prompt-command.ts';

const prompt = {
  name: 'github__review',
  server: 'github',
  definition: {
    name: 'review',
    arguments: [{ name: 'repository', required: true }, { name: 'depth' }],
  },
};

test('a prompt is written as its server and its own name', () => {
  expect(promptName(prompt)).toBe('github:review');
});

test('arguments are named, quoted, or in order', () => {
  expect(parsePromptArguments('depth="very \\"thorough\\"" repository=switchyard', prompt)).toEqual({
    repository: 'switchyard',
    depth: 'very "thorough"',
  });
  expect(parsePromptArguments('switchyard "two words"', prompt)).toEqual({
    repository: 'switchyard',
    depth: 'two words',
  });
});

test('a missing, an unknown and a superfluous argument say how the prompt is written', () => {
  const usage = /Write \/github:review repository=… \[depth=…\]\./;
  expect(() => parsePromptArguments('', prompt)).toThrow(/repository is missing/);
  expect(() => parsePromptArguments('', prompt)).toThrow(usage);
  expect(() => parsePromptArguments('speed=1 x', prompt)).toThrow(/no argument "speed"/);
  expect(() => parsePromptArguments('a b c', prompt)).toThrow(/"c" is one argument too many/);
});

test('a value that is written can be read again', () => {
  for (const value of ['plain', 'two words', 'a "quote" and \\', ''])
    expect(parsePromptArguments(`repository=${writtenValue(value)}`, prompt)).toEqual({ repository: value });
});

test('the messages become one request, what cannot be sent is named', () => {
  const messages = [
    { role: 'user', content: { type: 'text', text: 'Look at this.' } },
    { role: 'user', content: { type: 'resource', resource: { uri: 'a://b', text: 'the resource' } } },
    { role: 'user', content: { type: 'image', mimeType: 'image/png', data: '' } },
    { role: 'assistant', content: { type: 'text', text: 'I will.' } },
  ];
  expect(requestOfPrompt({ messages })).toBe(
    'Look at this.\n\nthe resource\n\n[image/png of the prompt, which cannot be sent]\n\nassistant: I will.',
  );
});
