/** What a terminal can show, as its streams and the environment tell. */
import type { Environment } from '../../../config/environment.ts';

export interface TerminalCapability {
  /** Panels and a moving cursor; without it a chat is lines. */
  readonly cursor: boolean;
  readonly colour: boolean;
  readonly unicode: boolean;
}

export interface TerminalStreams {
  readonly stdin: { readonly isTTY?: boolean };
  readonly stdout: { readonly isTTY?: boolean };
}

export function terminalCapability(
  env: Environment,
  { stdin, stdout }: TerminalStreams,
  platform: NodeJS.Platform = process.platform,
): TerminalCapability {
  const dumb = env['TERM'] === 'dumb';
  const noColour = env['NO_COLOR'] ?? '';
  // The first of these that is set decides, empty or not being POSIX's rule for "set" (XBD 8.2).
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return {
    cursor: stdin.isTTY === true && stdout.isTTY === true && !dumb,
    colour: noColour === '' && !dumb,
    unicode: platform === 'win32' || /utf-?8/i.test(locale ?? ''),
  };
}
