import { expect, test } from 'vitest';

import { terminalCapability } from '../../../src/host/cli/chat/capability.ts';

const terminal = { stdin: { isTTY: true }, stdout: { isTTY: true } };
const of = (env: Record<string, string>, streams: object = terminal) =>
  terminalCapability(env, { ...terminal, ...streams }, 'linux');

test('a terminal with a UTF-8 locale shows everything', () => {
  expect(of({ TERM: 'xterm', LANG: 'de_DE.UTF-8' })).toEqual({ cursor: true, colour: true, unicode: true });
});

test('the first of LC_ALL, LC_CTYPE and LANG that is set decides on Unicode', () => {
  expect(of({ LC_ALL: 'C', LANG: 'en_US.UTF-8' }).unicode).toBe(false);
  expect(of({ LC_ALL: '', LC_CTYPE: 'en_US.utf8', LANG: 'C' }).unicode).toBe(true);
  expect(of({}).unicode).toBe(false);
});

test('NO_COLOR counts when it is not empty', () => {
  expect(of({ NO_COLOR: '' }).colour).toBe(true);
  expect(of({ NO_COLOR: '0' }).colour).toBe(false);
});

test('a dumb terminal and a pipe have no cursor to move', () => {
  expect(of({ TERM: 'dumb' })).toMatchObject({ cursor: false, colour: false });
  expect(of({}, { stdin: {} }).cursor).toBe(false);
  expect(of({}, { stdout: { isTTY: false } }).cursor).toBe(false);
});
