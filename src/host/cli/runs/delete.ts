import { homeFolder } from '../../../config/environment.ts';
import { HostError } from '../../../errors.ts';
import { isJsonObject } from '../../../json.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import { limitsOf } from '../../retention.ts';
import type { RunDeletion, RunLimits } from '../../run-archive.ts';
import { openState } from '../../state.ts';
import { InputHistory } from '../chat/input/input-history.ts';
import { EXIT } from '../exit-code.ts';
import { type OpenedHost, openHost } from '../open-host.ts';
import type { DeleteFlags, PruneFlags } from '../runs-commands.ts';
import { bytes, oneLine, table } from '../terminal.ts';
import { minute, type RunSummary, stateText, summaryOf } from './summary.ts';

/** Rejects with HostError `unknown-run`, and `run-owned` where one is being worked on; then nothing is deleted. */
export async function remove(ids: readonly string[], flags: DeleteFlags): Promise<void> {
  const chosen = look(ids);
  await using opened = await openHost(flags);
  const { output, questions, signal } = opened;
  if (!flags.yes) {
    const told = table(chosen.map(({ summary }) => columns(summary)));
    if (questions === undefined)
      throw new HostError('usage', `Nobody is at a terminal to be asked. Add --yes to delete:\n${told}`);
    if (!(await questions.confirm(`Delete for good?\n${told}\n`, signal))) {
      output.status('Nothing was deleted.');
      return;
    }
  }
  const deletion = await deleteRuns(chosen, opened);
  if (flags.json) await output.data(`${JSON.stringify(deletion, null, 2)}\n`);
  else output.status(deletedText(deletion));
}

/** Without limits those of the config are kept to. */
export async function prune(flags: PruneFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { host, output } = opened;
  const beyond = await host.archive.beyond(limitsOfFlags(flags) ?? configured(opened));
  const chosen = look(beyond.map(({ id }) => id));
  const sizeBytes = beyond.reduce((sum, run) => sum + run.sizeBytes, 0);
  if (flags.dryRun) {
    if (flags.json) return output.data(`${JSON.stringify({ runs: beyond, sizeBytes }, null, 2)}\n`);
    if (chosen.length > 0) await output.data(`${table(chosen.map(({ summary }) => columns(summary)))}\n`);
    output.status(`${plural(chosen.length)} would be deleted, ${bytes(sizeBytes)}.`);
    return;
  }
  const none: RunDeletion = { runs: [], sessions: [] };
  const deletion = chosen.length === 0 ? none : await deleteRuns(chosen, opened);
  if (flags.json) await output.data(`${JSON.stringify({ ...deletion, sizeBytes }, null, 2)}\n`);
  else output.status(`${deletedText(deletion)} They took ${bytes(sizeBytes)}.`);
}

interface Chosen {
  readonly summary: RunSummary;
  /** In the words of the person. */
  readonly request: string | undefined;
}

function look(ids: readonly string[]): readonly Chosen[] {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const shortIds = store.shortIds();
  const rows = new Map(ids.map((id) => store.get(id)).map((row) => [row.run.id, row]));
  return [...rows.values()].map((row) => {
    const { input } = row.run;
    const request = isJsonObject(input) ? input['request'] : undefined;
    return {
      summary: summaryOf(row, state, shortIds),
      request: typeof request === 'string' ? request : undefined,
    };
  });
}

async function deleteRuns(chosen: readonly Chosen[], { host, signal }: OpenedHost): Promise<RunDeletion> {
  // Memory is asked to forget conversations that go with their last run.
  if (chosen.some(({ summary }) => summary.sessionId !== undefined)) await host.registry.ready({ signal });
  const deletion = await host.archive.delete(chosen.map(({ summary }) => summary.id));
  const typed = chosen.flatMap(({ request }) => request ?? []);
  await new InputHistory(homeFolder(), (text) => text).forget(typed);
  if (troubles(deletion).length > 0) process.exitCode = EXIT.failed;
  return deletion;
}

function deletedText(deletion: RunDeletion): string {
  const { runs, sessions } = deletion;
  const gone = sessions.length === 0 ? '' : ` With them: session ${sessions.map(({ id }) => id).join(', ')}.`;
  return [`${plural(runs.length)} deleted.${gone}`, ...troubles(deletion).map((one) => `But ${one}`)].join(
    '\n',
  );
}

function troubles({ traces, sessions }: RunDeletion): readonly string[] {
  return [
    ...(traces === undefined ? [] : [`they are not overwritten on the disk yet: ${oneLine(traces, 300)}`]),
    ...sessions.flatMap(({ id, memory }) =>
      memory?.forgotten === false
        ? [
            `memory may still hold session ${id}: ${oneLine(memory.reason ?? 'no reason given', 300)} To try again: switchyard call memory__forget '{"sessionId":"${id}"}' --yes`,
          ]
        : [],
    ),
  ];
}

function limitsOfFlags({ olderThan, maxSize }: PruneFlags): RunLimits | undefined {
  if (olderThan === undefined && maxSize === undefined) return undefined;
  return {
    ...(olderThan === undefined ? {} : { maxAgeMs: olderThan }),
    ...(maxSize === undefined ? {} : { maxBytes: maxSize }),
  };
}

function configured({ config }: OpenedHost): RunLimits {
  const limits = limitsOf(config.runs);
  if (limits !== undefined) return limits;
  throw new HostError(
    'usage',
    'Say which: --older-than 30d, --max-size 500MB, or both. Without them "runs" of the config is kept to, which has neither "keepDays" nor "maxBytes".',
  );
}

function columns(summary: RunSummary): string[] {
  const { shortId, createdAtMs, title } = summary;
  return [shortId, minute(createdAtMs), stateText(summary), title];
}

function plural(count: number): string {
  return `${count} ${count === 1 ? 'run' : 'runs'}`;
}
