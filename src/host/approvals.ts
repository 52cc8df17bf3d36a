import type { Registry } from '../registry/contract.ts';
import { createApprovalPolicy } from './approval/approval-policy.ts';
import { createPreview } from './approval/preview.ts';
import { createRememberedApprovals } from './approval/remembered.ts';
import { type Rules, strictestOf } from './approval/rules.ts';
import { createWaitingApprovals } from './approval/waiting.ts';
import { builtinOf } from './builtin-server.ts';
import type { HostOptions } from './contract.ts';
import type { Engine } from './engine/engine.ts';
import type { LazyState } from './lazy-state.ts';
import type { LiveConfig } from './live-config.ts';
import type { ApprovalPolicy } from './tool-call/policy.ts';
import type { WaitingApprovals } from './tool-call/waiting-approvals.ts';

export interface ApprovalParts {
  readonly redact: (text: string) => string;
  readonly engine: () => Pick<Engine, 'signal'>;
}

/** Who may call what, and the questions that wait for a person. */
export function createApprovals(
  options: HostOptions,
  live: LiveConfig,
  registry: Registry,
  state: LazyState,
  { redact, engine }: ApprovalParts,
): {
  readonly policy: ApprovalPolicy;
  readonly approvals: WaitingApprovals;
  readonly rules: () => Promise<Rules>;
} {
  const { asker, approveAll, onAsk = 'deny', log, workingFolder: project } = options;
  const shared = {
    rules: strictestOf(
      () => live.approvals,
      () => live.current.naming,
    ),
    ...(asker ? { asker } : {}),
    onAsk,
    state: () => state.open(),
    project,
    log,
    remembered: createRememberedApprovals({ state: () => state.open(), project, log }),
    preview: createPreview({
      registry,
      builtin: (name) => builtinOf(live.current, name),
    }),
  };
  return {
    rules: shared.rules,
    policy:
      options.policy ??
      createApprovalPolicy({ ...shared, ...(approveAll === undefined ? {} : { approveAll }) }),
    approvals: createWaitingApprovals({
      ...shared,
      redact,
      lifetimeMs: () => live.current.runs.approvalHours * 3_600_000,
      signal: (runId, name, value) => engine().signal(runId, name, value),
    }),
  };
}
