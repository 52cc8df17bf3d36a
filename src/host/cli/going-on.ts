import { resumeCommand } from '../engine/durable/resume-command.ts';
import type { RunOutcome } from '../engine/engine.ts';
import type { Host } from '../host.ts';
import { howToGoOn } from '../how-to-go-on.ts';

/** How a run that a limit stopped goes on in this folder and with this config. */
export function goingOn(
  outcome: Extract<RunOutcome, { type: 'stopped' }>,
  { config }: Pick<Host, 'config'>,
): string {
  const [project, configFile] = [process.cwd(), config.source?.path];
  const command = resumeCommand({ run: { id: outcome.runId }, project, configFile }, project);
  return howToGoOn(outcome, outcome.totals, command);
}
