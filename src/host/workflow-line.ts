/** What patterns and models tell of their choices, in words; who shows them cuts them and puts them on a line. */
import { jsonText } from '../json.ts';
import type { WorkflowEventInput } from './event-of-workflow.ts';
import type { RunEvent } from './event.ts';

type Told = Extract<RunEvent, { type: WorkflowEventInput['type'] }>;

export function resumeLine({ reason, changed }: Extract<RunEvent, { type: 'run-resume' }>): string {
  const goesOn = reason === 'adopted' ? 'Another program goes on with it' : 'It goes on';
  if (changed === undefined) return goesOn;
  const { from, to } = changed;
  return `${goesOn}. Its workflow was changed since it began (revision ${from}, now ${to}): what was done stays as it is, and the rest is done by the one of now`;
}

const MARKS = { done: '✓', failed: '✗', stopped: '■', cancelled: '–' } as const;

export function workflowLine(event: Told): string {
  switch (event.type) {
    case 'branch-start':
      return `▸ ${event.path} (${event.workflow})`;
    case 'branch-end': {
      const why = event.error === undefined ? '' : `: ${event.error.message}`;
      return `${MARKS[event.outcome]} ${event.path} ${event.outcome}${why}`;
    }
    case 'route': {
      const { taken = 'none', chosen, confidence, reason } = event;
      const instead = chosen === undefined || chosen === taken ? '' : ` instead of ${chosen}`;
      return `route: ${taken}${instead} (${confidence.toFixed(2)}): ${reason}`;
    }
    case 'model-route':
      return modelRouteLine(event);
    case 'model-escalate':
      return `${event.from} is not enough (${event.check}: ${event.reason}), ${event.to} is asked`;
    case 'handoff':
      return `${event.from} hands over to ${event.to}: ${event.reason}`;
    case 'plan': {
      const tasks = event.tasks.map(({ id, worker }) => `${id} (${worker})`).join(', ');
      const problems = event.problems.length === 0 ? '' : `; ${event.problems.join(' ')}`;
      return `plan: ${tasks === '' ? 'no tasks' : tasks}${problems}`;
    }
    case 'question':
      return `asks a person: ${event.message}`;
    case 'question-answered':
      return event.action === 'accept' ? `was answered: ${jsonText(event.content)}` : 'was told no';
    default:
      return event satisfies never;
  }
}

/** `auto → anthropic/… (complexity 12, general; +0 strong enough …; left out: openai/… (takes no images))` */
function modelRouteLine(event: Extract<Told, { type: 'model-route' }>): string {
  const { alias, model, instead, complexity, candidates } = event;
  const best = candidates.reduce((most, one) =>
    (one.score ?? -Infinity) > (most?.score ?? -Infinity) ? one : most,
  );
  const leftOut = candidates.flatMap((one) =>
    one.leftOut === undefined ? [] : [`${one.name} (${one.leftOut})`],
  );
  const parts = [
    `complexity ${complexity.score}, ${complexity.domain}`,
    ...(best.reasons.length === 0 ? [] : [best.reasons.join(', ')]),
    ...(leftOut.length === 0 ? [] : [`left out: ${leftOut.join(', ')}`]),
  ];
  return `${alias} → ${model}${instead === undefined ? '' : ` instead of ${instead}`} (${parts.join('; ')})`;
}
