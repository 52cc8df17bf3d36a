/** What a person answered with "always": for a session, a working folder, or wherever they work. Table `approval_rules` of state.db. */
import { messageOf } from '../../errors.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { State } from '../state.ts';
import type { AlwaysScope } from '../tool-call/policy.ts';

export interface RememberedApproval {
  readonly id: number;
  readonly scope: AlwaysScope;
  /** The session's id or the folder; '' for a person. */
  readonly place: string;
  readonly actor: string;
  readonly tool: string;
  readonly createdMs: number;
}

/** Who calls which tool, and in which conversation. */
export interface CallOf {
  readonly tool: string;
  readonly actor: string;
  readonly sessionId: string | undefined;
}

/** Both ask rather than fail where state.db cannot be used; the log says why. */
export interface RememberedApprovals {
  has(call: CallOf): Promise<boolean>;
  add(call: CallOf, scope: AlwaysScope): Promise<void>;
}

export interface RememberedOptions {
  readonly state: () => Promise<State>;
  /** The working folder. */
  readonly project: string;
  readonly log: LogSink;
}

export function createRememberedApprovals({ state, project, log }: RememberedOptions): RememberedApprovals {
  const failed = (error: unknown): void =>
    log({
      level: 'warn',
      component: 'approvals',
      event: 'approvals-not-remembered',
      fields: { reason: messageOf(error) },
    });
  return {
    async has({ tool, actor, sessionId }) {
      try {
        const { database } = await state();
        const found = database
          .prepare(
            `SELECT 1 FROM approval_rules WHERE tool = ? AND actor = ? AND
              (scope = 'person' OR (scope = 'folder' AND place = ?) OR (scope = 'session' AND place = ?))`,
          )
          .get(tool, actor, project, sessionId ?? '');
        return found !== undefined;
      } catch (error) {
        failed(error);
        return false;
      }
    },
    async add({ tool, actor, sessionId }, scope) {
      const place = { session: sessionId, folder: project, person: '' }[scope];
      if (place === undefined) return;
      try {
        const { database } = await state();
        database
          .prepare(
            'INSERT OR IGNORE INTO approval_rules (scope, place, actor, tool, created_ms) VALUES (?, ?, ?, ?, ?)',
          )
          .run(scope, place, actor, tool, Date.now());
      } catch (error) {
        failed(error);
      }
    },
  };
}

/** Of all sessions, folders and persons; the widest last. */
export function listApprovals({ database }: State): readonly RememberedApproval[] {
  return database
    .prepare(
      `SELECT id, scope, place, actor, tool, created_ms FROM approval_rules
        ORDER BY scope = 'person', scope = 'folder', place, tool`,
    )
    .all()
    .map((row) => ({
      id: Number(row['id']),
      scope: row['scope'] as AlwaysScope,
      place: String(row['place']),
      actor: String(row['actor']),
      tool: String(row['tool']),
      createdMs: Number(row['created_ms']),
    }));
}

export function forgetApproval({ database }: State, id: number): void {
  database.prepare('DELETE FROM approval_rules WHERE id = ?').run(id);
}
