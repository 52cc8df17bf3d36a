/** The guards that a config asks for, over one detector of secrets. */
import type { GuardSettings } from '../../config/guard-settings.ts';
import { latest } from '../latest.ts';
import type { Redactor } from '../secret/redactor.ts';
import type { ApprovalPolicy } from '../tool-call/policy.ts';
import type { StreamFilter } from './guard.ts';
import { createGuards, type GuardQuestion } from './pipeline.ts';
import { createSecretStream } from './secret-stream.ts';
import type { Embed } from '../context.ts';
import type { Guards } from './verdict.ts';

export interface ConfiguredGuardsOptions {
  /** As they are at the moment. */
  readonly settings: () => GuardSettings;
  readonly redactor: Redactor;
  /** Decides what a guard asks about. */
  readonly policy: ApprovalPolicy;
  readonly embed: Embed;
  /** Servers that keep what they are given, and give it to models later. */
  readonly isMemory: (server: string) => boolean;
}

/** Costs little: a guard is loaded when a run first needs one. */
export function createConfiguredGuards(options: ConfiguredGuardsOptions): Guards {
  const { settings, redactor, policy, embed, isMemory } = options;
  return createGuards({
    guards: latest(settings, async (now) => {
      const { loadGuards } = await import('./load-guards.ts');
      return loadGuards(now, { redactor, embed, isMemory });
    }),
    redact: (value) => redactor.value(value),
    filter: () => {
      const { output, secrets } = settings();
      if (output === 'whole') return undefined;
      return secrets ? () => createSecretStream(redactor.detector) : () => UNFILTERED;
    },
    ask: (question, signal) => askPerson(policy, question, signal),
  });
}

const UNFILTERED: StreamFilter = { push: (text) => text, flush: () => '' };

async function askPerson(
  policy: ApprovalPolicy,
  { stage, guard, question, reason, name = `guard/${stage}`, server = 'switchyard' }: GuardQuestion,
  signal: AbortSignal,
): Promise<boolean> {
  const traits = { readOnly: false, destructive: false, idempotent: false, openWorld: true };
  const asked = { name, ownName: name, server, traits, arguments: {}, mustAsk: reason, signal };
  return (await policy.decide({ ...asked, title: `${guard}: ${question}` })).decision === 'allowed';
}
