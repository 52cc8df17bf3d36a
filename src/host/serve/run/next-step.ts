/** What to do about a run that has no answer yet. */
import type { OpenApproval, RunView } from '../../client-run/contract.ts';
import { RUN_CANCEL, RUN_WAIT } from '../../tool-call/run-tool-names.ts';
import { runUri } from './run-uri.ts';

/** Undefined where it has ended. */
export function nextStep(view: RunView): string | undefined {
  const { id, status, approvals, questions } = view;
  switch (status) {
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'stopped':
      return undefined;
    case 'running':
    case 'waiting':
      if (approvals.length > 0)
        return `Run ${id} waits for a person. ${approvals.map(due).join(' ')} ${collect(view)}`;
      if (questions.length > 0)
        return `Run ${id} asks a person: ${questions.map(shown).join(' ')} The person answers by: switchyard runs answer ${id}. ${collect(view)}`;
      return `Run ${id} is still ${status === 'running' ? 'running and goes on by itself' : 'waiting'}. ${collect(view)}`;
    case 'interrupted':
      return `The program that worked on run ${id} has gone. ${goingOn(view)}`;
    case 'suspended':
      return `Run ${id} was left: ${whyLeft(view)}. ${goingOn(view)}`;
    default:
      return status satisfies never;
  }
}

function due({ id, tool, expiresMs }: OpenApproval): string {
  return `${tool} needs a yes or a no until ${new Date(expiresMs).toISOString()}: switchyard approvals approve ${id}, or deny ${id}.`;
}

function shown(question: string): string {
  const short =
    question.length <= SHOWN_CHARACTERS ? question : `${question.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`;
  return JSON.stringify(short);
}

const SHOWN_CHARACTERS = 300;

function goingOn(view: RunView): string {
  const { isTakenUpHere, resume = '' } = view;
  if (isTakenUpHere) return `It is gone on with here in a moment. ${collect(view)}`;
  return `Nobody goes on with it by itself; a person does by: ${resume}. ${collect(view)}`;
}

function whyLeft({ reason }: RunView): string {
  switch (reason) {
    case 'journal-unavailable':
      return 'it could not be written down, such as on a full disk';
    case 'mismatch':
      return 'its workflow no longer fits its journal';
    case 'lost':
      return 'another program took it over';
    case 'unstarted':
      return 'it has not begun';
    case 'waiting':
    case 'closing':
    case undefined:
      return 'its program ended';
    default:
      return reason satisfies never;
  }
}

function collect({ id }: RunView): string {
  const args = JSON.stringify({ runId: id });
  return `To wait for its answer call ${RUN_WAIT} with ${args}; ${runUri(id)} tells how far it is, and ${RUN_CANCEL} ends it.`;
}
