/** Parts of the bench that are processes of their own: each prints what it found as one line of JSON. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

export async function inChild<Result>(script: string, args: readonly (string | number)[]): Promise<Result> {
  const file = join(import.meta.dirname, `${script}.ts`);
  const child = spawn(process.execPath, [file, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = await text(child.stdout);
  const last = printed.trimEnd().split('\n').at(-1) ?? '';
  if (last === '') throw new Error(`bench/journal/${script}.ts ended without a word.`);
  return JSON.parse(last) as Result;
}

export function tell(result: unknown): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
