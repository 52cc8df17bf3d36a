import { toHostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { RunInfo } from '../context.ts';
import { RunBudget } from './budget.ts';
import type { EngineOptions, RegisteredWorkflow, ReplayOutcome, RunOutcome, StoredRun } from './engine.ts';
import { EventStream } from './event-stream.ts';
import type { Journal } from './journal.ts';
import { OpenSteps } from './open-steps.ts';
import { endOf, outcomeOfFailure, withAchieved } from './outcome.ts';
import { Replay } from './replay.ts';
import { PathContext } from './run-context.ts';
import { RunJournal } from './run-journal.ts';

/** Runs a workflow against its journal. Its steps are not worked, nothing is written, and no reader is told. */
export async function replayRun(
  workflow: RegisteredWorkflow,
  stored: StoredRun,
  engine: Pick<EngineOptions, 'model' | 'tools' | 'redact'>,
): Promise<ReplayOutcome> {
  const { run } = stored;
  const { redact = asItIs } = engine;
  const stream = new EventStream();
  const journal = new RunJournal(readOnly(stored), stream);
  const replay = new Replay(stored, journal);
  const budget = new RunBudget(run.budget);
  budget.raise(journal.raised);
  const info: RunInfo = {
    id: run.id,
    workflow: run.workflow,
    actor: run.actor,
    ...(run.sessionId === undefined ? {} : { sessionId: run.sessionId }),
    replay: true,
  };
  const shared = {
    run: info,
    signal: new AbortController().signal,
    journal,
    stream,
    open: new OpenSteps({ onAllWaiting: () => undefined, onIdle: () => undefined }),
    model: engine.model,
    tools: engine.tools,
    embed: undefined,
    redact,
    nextSignal: () => new Promise<void>(() => undefined),
    abandon: () => undefined,
    replay,
  };
  const about = { runId: run.id, totals: budget.spent };
  let outcome: RunOutcome<Json>;
  try {
    const output = await workflow.run(new PathContext(shared, '', budget), run.input);
    outcome = { type: 'done', output, ...about };
  } catch (thrown) {
    outcome = withAchieved(redact(outcomeOfFailure(toHostError(thrown))), about, stream.stored);
  }
  const end = outcome.type === 'suspended' ? {} : redact(endOf(outcome, workflow));
  return replay.outcome(JSON.parse(JSON.stringify(end)) as JsonObject);
}

function readOnly({ run, rows }: StoredRun): Journal {
  const refuse = (): never => {
    throw new Error('a replay writes nothing');
  };
  return {
    run,
    rows,
    append: refuse,
    alongside: refuse,
    flush: refuse,
    written: refuse,
    signals: () => [],
    watch: () => undefined,
    close: refuse,
  };
}

function asItIs<Value>(value: Value): Value {
  return value;
}
