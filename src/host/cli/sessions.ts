import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { homeFolder } from '../../config/environment.ts';
import { HostError, messageOf } from '../../errors.ts';
import type { SessionRun, SessionSummary } from '../session/contract.ts';
import { InputHistory } from './chat/input/input-history.ts';
import { EXIT } from './exit-code.ts';
import { openHost } from './open-host.ts';
import type { ExportFlags, SessionFlags } from './session-commands.ts';
import { sessionJson, sessionMarkdown } from './session-export.ts';
import { oneLine, printable, table } from './terminal.ts';

export async function list(flags: SessionFlags & { readonly all?: boolean }): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output } = opened;
  const sessions = await host.sessions.list(flags.all ? {} : { project: process.cwd() });
  if (flags.json) await output.data(`${JSON.stringify(sessions, null, 2)}\n`);
  else if (sessions.length > 0)
    await output.data(`${table(sessions.map((session) => columns(session, flags.all === true)))}\n`);
  else
    output.status(
      flags.all
        ? 'No conversation is kept yet. "switchyard chat" begins one.'
        : 'No conversation of this folder is kept. --all lists those of other folders.',
    );
}

export async function show(session: string, flags: SessionFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output } = opened;
  const summary = await host.sessions.get(session);
  const runs = await host.sessions.transcript(summary.id);
  await output.data(flags.json ? sessionJson(summary, runs) : printable(sessionMarkdown(summary, runs)));
}

export async function rename(session: string, name: string, flags: SessionFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { sessions } = opened.host;
  const { id } = await sessions.get(session);
  await sessions.rename(id, name);
  const renamed = await sessions.get(id);
  if (flags.json) await opened.output.data(`${JSON.stringify(renamed, null, 2)}\n`);
  else opened.output.status(`Session ${id} is called "${printable(name)}" now.`);
}

export async function exportSession(session: string, flags: ExportFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output } = opened;
  const summary = await host.sessions.get(session);
  const runs = await host.sessions.transcript(summary.id);
  const text =
    flags.json || flags.format === 'json' ? sessionJson(summary, runs) : sessionMarkdown(summary, runs);
  if (flags.output === undefined) return output.data(text);
  const file = resolve(flags.output);
  try {
    await writeFile(file, text, { mode: 0o600, flag: flags.force ? 'w' : 'wx' });
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const advice = exists
      ? `${file} is there already; --force replaces it.`
      : `${file}: ${messageOf(error)}.`;
    throw new HostError('usage', `The session was not written. ${advice}`);
  }
  output.status(`Written to ${file}.`);
}

export async function remove(
  names: readonly string[],
  flags: SessionFlags & { readonly yes?: boolean },
): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output, questions, signal } = opened;
  const found = await Promise.all(names.map((name) => host.sessions.get(name)));
  const chosen = [...new Map(found.map((session) => [session.id, session])).values()];
  if (!flags.yes) {
    const told = chosen.map((session) => `  ${columns(session, true).join('  ')}`).join('\n');
    if (questions === undefined)
      throw new HostError('usage', `Nobody is at a terminal to be asked. Add --yes to delete:\n${told}`);
    if (!(await questions.confirm(`Delete for good?\n${told}\n`, signal))) {
      output.status('Nothing was deleted.');
      return;
    }
  }
  await host.registry.ready({ signal });
  const deleted = [];
  for (const { id } of chosen) {
    const typed = (await host.sessions.transcript(id)).flatMap(requestsOf);
    const deletion = await host.sessions.delete(id);
    await new InputHistory(homeFolder(), (text) => text).forget(typed);
    const { memory, traces } = deletion;
    deleted.push({ id, ...deletion });
    const left = [
      ...(traces === undefined ? [] : [`it is not overwritten on the disk yet: ${oneLine(traces, 300)}`]),
      ...(memory?.forgotten === false
        ? [
            `memory may still hold it: ${oneLine(memory.reason ?? 'no reason given', 300)} To try again: switchyard call memory__forget '{"sessionId":"${id}"}' --yes`,
          ]
        : []),
    ];
    if (left.length > 0) process.exitCode = EXIT.failed;
    if (left.length > 0 || !flags.json)
      output.status([`Session ${id} is deleted.`, ...left.map((one) => `But ${one}`)].join('\n'));
  }
  if (flags.json) await output.data(`${JSON.stringify(deleted, null, 2)}\n`);
}

/** The words of the person. */
function requestsOf({ messages }: SessionRun): readonly string[] {
  return messages.flatMap(({ message }) =>
    message.role === 'user'
      ? message.content.flatMap((part) =>
          part.type === 'text' && part.origin === undefined ? [part.text] : [],
        )
      : [],
  );
}

function columns(session: SessionSummary, withProject: boolean): string[] {
  const { id, name, updatedAtMs, runCount, project, title } = session;
  return [
    id,
    printable(name ?? ''),
    new Date(updatedAtMs).toISOString().slice(0, 16).replace('T', ' '),
    `${runCount} ${runCount === 1 ? 'request' : 'requests'}`,
    ...(withProject ? [printable(project)] : []),
    oneLine(title, 80),
  ];
}
