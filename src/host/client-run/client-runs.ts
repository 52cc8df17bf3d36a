import { HostError } from '../../errors.ts';
import { isJsonObject, type JsonObject } from '../../json.ts';
import { decideApproval } from '../approval/approval-store.ts';
import type { Rules, Ruling } from '../approval/rules.ts';
import type { BudgetLimits } from '../context.ts';
import type { Host } from '../contract.ts';
import { cancelRun } from '../engine/durable/cancel-run.ts';
import type { RunRow } from '../engine/durable/run-rows.ts';
import { RunStore } from '../engine/durable/run-store.ts';
import type { Engine, RunHandle, SuspendReason } from '../engine/engine.ts';
import { lowerLimits } from '../engine/lower-limits.ts';
import { isEnded } from '../engine/run-status.ts';
import type { Guards } from '../guard/verdict.ts';
import type { LiveConfig } from '../live-config.ts';
import type { Sessions } from '../session/contract.ts';
import type { State } from '../state.ts';
import { HOST_SERVER } from '../tool-call/host-tool.ts';
import { ASK, RUN_CANCEL, RUN_WAIT } from '../tool-call/run-tool-names.ts';
import { approvalSignal } from '../tool-call/waiting-approvals.ts';
import type { ClientRuns } from './contract.ts';
import { followRun } from './follow-run.ts';
import { mayCollect } from './may-collect.ts';
import { openApproval, statusOf, type ViewOptions, viewOf } from './run-view.ts';

export interface ClientRunsOptions {
  readonly state: () => Promise<State>;
  readonly homeFolder: string;
  readonly live: Pick<LiveConfig, 'current'>;
  readonly configFile: string | undefined;
  /** The working folder. */
  readonly project: string;
  /** This host goes on with runs of its config and folder that nobody works on. */
  readonly adoptsRuns: boolean;
  readonly engine: Pick<Engine, 'running' | 'signal'>;
  readonly sessions: Pick<Sessions, 'create'>;
  readonly guards: Pick<Guards, 'redact'>;
  readonly rules: () => Promise<Rules>;
  readonly ask: Host['ask'];
  /** Of each run of a workflow. Throws HostError `unknown-workflow`. */
  readonly limitsOf: (workflow: string) => BudgetLimits;
  readonly run: Host['run'];
}

export function createClientRuns(options: ClientRunsOptions): ClientRuns {
  const { homeFolder, engine, sessions, guards, project } = options;

  const isTakenUpHere = ({ configFile, project: folder, status, reason }: RunRow): boolean =>
    options.adoptsRuns &&
    configFile === options.configFile &&
    folder === project &&
    (status !== 'suspended' || (reason !== undefined && TAKEN_UP.has(reason)));

  const open = async (): Promise<ViewOptions> => {
    const state = await options.state();
    const store = new RunStore(state, homeFolder);
    return { state, store, homeFolder, project, isTakenUpHere, redact: (value) => guards.redact(value) };
  };
  const find = ({ store }: ViewOptions, runId: string, actor: string): RunRow => {
    const row = RUN_ID.test(runId) ? found(store, runId) : undefined;
    if (row === undefined || !mayCollect(actor, row.run.actor)) throw unknownRun(runId);
    return row;
  };

  /** What may be asked for at all, and not by too many at once. */
  const admitted = async (tool: string, args: JsonObject, actor: string): Promise<ViewOptions> => {
    const ruling = (await options.rules())({ ...OWN_CALL, name: tool, ownName: tool, arguments: args });
    if (ruling.decision === 'deny') throw denied(tool, ruling);
    const parts = await open();
    if (parts.store.openCount(actor) >= MAX_OPEN) throw tooMany();
    return parts;
  };

  return {
    async ask(request, { actor, sessionId: wanted, limits = {}, ...askOptions }) {
      const parts = await admitted(ASK, { request }, actor);
      const sessionId =
        wanted === NEW_SESSION
          ? (await sessions.create()).id
          : wanted === undefined
            ? undefined
            : ownSession(parts, wanted, actor);
      const handle = await options.ask(request, {
        ...askOptions,
        actor,
        budget: lowerLimits(options.live.current.budget, limits),
        ...(sessionId === undefined ? {} : { sessionId }),
      });
      await recorded(handle);
      return handle.id;
    },

    async run(workflow, input, { actor, tool, limits = {} }) {
      await admitted(tool, isJsonObject(input) ? input : { input }, actor);
      const budget = lowerLimits(options.limitsOf(workflow), limits);
      const handle = await options.run(workflow, input, { actor, budget });
      await recorded(handle);
      return handle.id;
    },

    async look(runId, actor) {
      const parts = await open();
      return viewOf(find(parts, runId, actor), parts);
    },

    async story(runId, actor) {
      const parts = await open();
      return parts.store.events(find(parts, runId, actor)).map(({ event }) => event);
    },

    async *follow(runId, actor, signal) {
      const parts = await open();
      find(parts, runId, actor);
      yield* followRun(runId, {
        engine,
        store: parts.store,
        signal,
        isOver: (row) => {
          const status = statusOf(row, parts);
          if (status === 'running' || status === 'waiting') return false;
          const isLeft = status === 'interrupted' || status === 'suspended';
          return !isLeft || !isTakenUpHere(row);
        },
      });
    },

    async approval(runId, approvalId, actor) {
      const parts = await open();
      return openApproval(approvalId, find(parts, runId, actor), parts);
    },

    async decide(runId, approvalId, decision, actor) {
      const parts = await open();
      if (openApproval(approvalId, find(parts, runId, actor), parts) === undefined) return;
      if (!decideApproval(parts.state, approvalId, { decision, by: 'person' })) return;
      await engine.signal(runId, approvalSignal(approvalId), null);
    },

    async cancel(runId, actor) {
      const parts = await open();
      const row = find(parts, runId, actor);
      await cancelRun(row, { ...parts, engine, reason: `It was cancelled by ${actor}.` });
    },
  };
}

const NEW_SESSION = 'new';

/** Of one client; each takes memory, and money, until it ends. */
const MAX_OPEN = 100;
const RUN_ID = /^run_[0-9a-f-]{36}$/;
/** What another host goes on with by itself. */
const TAKEN_UP: ReadonlySet<SuspendReason> = new Set(['unstarted', 'closing', 'journal-unavailable', 'lost']);

function found(store: RunStore, runId: string): RunRow | undefined {
  try {
    return store.get(runId);
  } catch (error) {
    if (error instanceof HostError && error.code === 'unknown-run') return undefined;
    throw error;
  }
}

function unknownRun(runId: string): HostError {
  return new HostError(
    'unknown-run',
    `There is no run "${runId}" of yours. The id is that which its call gave, whole; a run that was deleted is gone.`,
  );
}

/** As rules see it: what its tools do is put to them call by call. */
const OWN_CALL = {
  server: HOST_SERVER,
  traits: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
} as const;

function denied(tool: string, { rule }: Ruling): HostError {
  const why = rule?.reason ?? `the config denies it (${rule?.text ?? ''})`;
  return new HostError('denied', `${tool} was not run: ${why}.`);
}

function tooMany(): HostError {
  return new HostError(
    'too-many-runs',
    `${MAX_OPEN} runs of yours have not ended. Wait for one with ${RUN_WAIT}, or end one with ${RUN_CANCEL}; "switchyard runs" lists them.`,
  );
}

/** Where the first word of it is written down, whoever comes later finds it. */
async function recorded(handle: RunHandle): Promise<void> {
  for await (const _ of handle.storedEvents()) return;
  const outcome = await handle.result;
  if (outcome.type === 'failed') throw new HostError(outcome.error.code, outcome.error.message);
}

/** A conversation is gone on with by whoever began it, and by one run at a time. */
function ownSession({ store }: ViewOptions, sessionId: string, actor: string): string {
  const runs = store.list({ sessionId });
  if (runs.length === 0 || runs.some(({ run }) => run.actor !== actor))
    throw new HostError(
      'unknown-session',
      `There is no conversation "${sessionId}" of yours. An answer of ${ASK} with sessionId "${NEW_SESSION}" names one.`,
    );
  const busy = runs.find(({ status }) => !isEnded(status) && status !== 'stopped');
  if (busy === undefined) return sessionId;
  throw new HostError(
    'session-busy',
    `Run ${busy.run.id} of the conversation "${sessionId}" has not ended. Wait for it with ${RUN_WAIT}, or end it with ${RUN_CANCEL}.`,
  );
}
