import { resumeCommand } from '../engine/durable/resume-command.ts';
import type { RunOutcome } from '../engine/engine.ts';
import type { Host } from '../host.ts';
import { howToGoOn } from '../how-to-go-on.ts';

/** What a model may do otherwise the next time. */
const WORTH_ANOTHER_TRY = new Set(['model-failed', 'empty-answer', 'refused', 'output-invalid']);

/** How a run that failed is tried again from where it was; undefined where that would come to the same. */
export function tryingAgain(
  { runId, error }: Extract<RunOutcome, { type: 'failed' }>,
  { config }: Pick<Host, 'config'>,
): string | undefined {
  if (!WORTH_ANOTHER_TRY.has(error.code)) return undefined;
  const [project, configFile] = [process.cwd(), config.source?.path];
  const resume = resumeCommand({ run: { id: runId }, project, configFile }, project);
  const fork = `${resume.replace('runs resume', 'runs fork')} --at <step>`;
  return `To try again from one of its steps, as "switchyard runs show ${runId}" numbers them: ${fork}; --model asks another.`;
}

/** How a run that a limit stopped goes on in this folder and with this config. */
export function goingOn(
  outcome: Extract<RunOutcome, { type: 'stopped' }>,
  { config }: Pick<Host, 'config'>,
): string {
  const [project, configFile] = [process.cwd(), config.source?.path];
  const command = resumeCommand({ run: { id: outcome.runId }, project, configFile }, project);
  return howToGoOn(outcome, outcome.totals, command);
}
