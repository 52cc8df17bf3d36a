/** What a person answered with "always", by working folder and tool: table `approval_rules` of state.db. */
import { messageOf } from '../../errors.ts';
import type { LogSink } from '../../registry/contract.ts';
import type { State } from '../state.ts';

export interface RememberedApproval {
  readonly id: number;
  readonly project: string;
  readonly tool: string;
  readonly createdMs: number;
}

/** Both ask rather than fail where state.db cannot be used; the log says why. */
export interface RememberedApprovals {
  has(tool: string): Promise<boolean>;
  add(tool: string): Promise<void>;
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
    async has(tool) {
      try {
        const { database } = await state();
        const found = database
          .prepare('SELECT 1 FROM approval_rules WHERE project = ? AND tool = ?')
          .get(project, tool);
        return found !== undefined;
      } catch (error) {
        failed(error);
        return false;
      }
    },
    async add(tool) {
      try {
        const { database } = await state();
        database
          .prepare('INSERT OR IGNORE INTO approval_rules (project, tool, created_ms) VALUES (?, ?, ?)')
          .run(project, tool, Date.now());
      } catch (error) {
        failed(error);
      }
    },
  };
}

/** Of all folders, by folder and tool. */
export function listApprovals({ database }: State): readonly RememberedApproval[] {
  return database
    .prepare('SELECT id, project, tool, created_ms FROM approval_rules ORDER BY project, tool')
    .all()
    .map((row) => ({
      id: Number(row['id']),
      project: String(row['project']),
      tool: String(row['tool']),
      createdMs: Number(row['created_ms']),
    }));
}

export function forgetApproval({ database }: State, id: number): void {
  database.prepare('DELETE FROM approval_rules WHERE id = ?').run(id);
}
