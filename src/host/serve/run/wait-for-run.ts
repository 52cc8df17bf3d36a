import type { ClientRuns, RunView } from '../../client-run/contract.ts';
import type { ClientRequest } from '../client-request.ts';
import type { Detachment } from './detachment.ts';
import { RunProgress } from './run-progress.ts';
import { RunQuestions } from './run-questions.ts';

export interface WaitOptions {
  readonly runs: ClientRuns;
  readonly actor: string;
  readonly request: ClientRequest;
  readonly detachment: Detachment;
  /** It is told from this event on; what was before is none of its news. */
  readonly newsFrom: number;
  /** Comes back as soon as nothing goes on in the run before a person decides who cannot be asked here. */
  readonly untilUndecided: boolean;
}

/**
 * Waits for the run's end with a client that may go away at any time, tells it what happens meanwhile, and puts what waits for
 * a person to it. Resolves to how the run stands then; it goes on.
 */
export async function waitForRun(runId: string, options: WaitOptions): Promise<RunView> {
  const { runs, actor, request, detachment, newsFrom, untilUndecided } = options;
  using progress = new RunProgress(request.onProgress);
  const underWay = new Set<string>();
  const stopWhereUndecided = (): void => {
    if (untilUndecided && questions.isUndecided && underWay.size === 0) detachment.now();
  };
  using questions = new RunQuestions({
    runId,
    runs,
    actor,
    input: request.input,
    onAsking(asking) {
      // A client of the modern era has its answer meanwhile: that it has to ask its person.
      if (request.client.era !== 'modern') return;
      if (asking) detachment.pause();
      else detachment.restart();
    },
    onUndecided: stopWhereUndecided,
  });
  for await (const event of runs.follow(runId, actor, detachment.signal)) {
    if (event.type === 'tool-call-start') underWay.add(event.callId);
    if (event.type === 'tool-call-end') underWay.delete(event.callId);
    questions.see(event);
    stopWhereUndecided();
    if (!('number' in event) || event.number >= newsFrom) progress.tell(event);
  }
  return runs.look(runId, actor);
}
