import type { State } from '../../state.ts';
import type { RunRecord } from '../engine.ts';

/** Where a run belongs: it goes on in hosts of the same config and folder. */
export interface RunPlace {
  readonly configFile: string | undefined;
  readonly project: string;
  readonly programVersion: string;
}

/**
 * Writes a run down: as one that `owner` works on, or without an owner as one that has not begun. Returns its key; undefined
 * where there is a run of this id. Throws what SQLite has to say.
 */
export function insertRun(
  state: Pick<State, 'prepared'>,
  run: RunRecord,
  { configFile, project, programVersion }: RunPlace,
  owner?: string,
): number | undefined {
  const { id, workflow, workflowRevision, actor, sessionId, input, budget, forkedFrom } = run;
  const nowMs = Date.now();
  const { changes, lastInsertRowid } = state.prepared(INSERT).run({
    id,
    workflow,
    workflowRevision,
    programVersion,
    actor,
    sessionId: sessionId ?? null,
    configFile: configFile ?? null,
    project,
    input: JSON.stringify(input),
    budget: JSON.stringify(budget),
    status: owner === undefined ? 'suspended' : 'running',
    reason: owner === undefined ? 'unstarted' : null,
    owner: owner ?? null,
    fence: owner === undefined ? 0 : 1,
    forkedFrom: forkedFrom?.runId ?? null,
    forkedAt: forkedFrom?.atRow ?? null,
    nowMs,
  });
  return Number(changes) === 0 ? undefined : Number(lastInsertRowid);
}

const INSERT = `
  INSERT INTO runs (id, workflow, workflow_revision, program_version, actor, session_id, config_file, project, input, budget,
    status, reason, owner, fence, forked_from, forked_at, created_ms, updated_ms)
  VALUES (:id, :workflow, :workflowRevision, :programVersion, :actor, :sessionId, :configFile, :project, :input, :budget,
    :status, :reason, :owner, :fence, :forkedFrom, :forkedAt, :nowMs, :nowMs)
  ON CONFLICT (id) DO NOTHING`;
