/** What patterns tell of themselves, in words; who shows them cuts them and puts them on a line. */
import type { RunEvent } from './event.ts';

type Told = Extract<RunEvent, { type: 'branch-start' | 'branch-end' | 'route' | 'handoff' | 'plan' }>;

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
    case 'handoff':
      return `${event.from} hands over to ${event.to}: ${event.reason}`;
    case 'plan': {
      const tasks = event.tasks.map(({ id, worker }) => `${id} (${worker})`).join(', ');
      const problems = event.problems.length === 0 ? '' : `; ${event.problems.join(' ')}`;
      return `plan: ${tasks === '' ? 'no tasks' : tasks}${problems}`;
    }
    default:
      return event satisfies never;
  }
}
