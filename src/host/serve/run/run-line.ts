/** What happens in a run, a line each, for whoever waits: no arguments and no results, which may be long and private. */
import type { RunEvent } from '../../event.ts';
import { branchOf } from '../../branch-path.ts';
import { resumeLine, workflowLine } from '../../workflow-line.ts';

const MAX_CHARACTERS = 300;

/** Undefined for what nobody who waits needs to know. */
export function lineOf(event: RunEvent): string | undefined {
  const own = wholeLine(event);
  const branch = branchOf(event.path);
  const line = own === undefined || branch === '' || SAYS_WHERE.has(event.type) ? own : `${branch}: ${own}`;
  return line === undefined || line.length <= MAX_CHARACTERS
    ? line
    : `${line.slice(0, MAX_CHARACTERS - 1).toWellFormed()}…`;
}

const SAYS_WHERE: ReadonlySet<RunEvent['type']> = new Set(['branch-start', 'branch-end']);

function wholeLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'turn-start':
      return `Turn ${event.turn}: ${event.model} is asked`;
    case 'step-restart':
      return `Starting over (${event.reason})${event.failure === undefined ? '' : `: ${event.failure.message}`}`;
    case 'tool-call-start':
      return `Calling ${event.name}`;
    case 'tool-call-progress':
      return event.message;
    case 'tool-call-end':
      return `${event.name}: ${event.outcome}`;
    case 'approval-request':
      return `${event.name} waits for a person: switchyard approvals approve ${event.id}`;
    case 'approval':
      return `${event.name} is ${event.decision} (${event.by})`;
    case 'verdict':
      return `Guard ${event.guard}: ${event.verdict}${event.reason === undefined ? '' : `, ${event.reason}`}`;
    case 'run-resume':
      return resumeLine(event);
    case 'context-reduced':
      return 'Earlier parts of the conversation were shortened to fit the model';
    case 'branch-start':
    case 'branch-end':
    case 'route':
    case 'model-route':
    case 'model-escalate':
    case 'handoff':
    case 'plan':
    case 'question':
      return workflowLine(event);
    case 'question-answered':
      return event.action === 'accept' ? 'A person answered' : 'A person said no';
    case 'limit-reached':
    case 'notice':
      return event.message;
    case 'run-end':
      return `The run is ${event.outcome}${event.error === undefined ? '' : `: ${event.error.message}`}`;
    case 'run-start':
    case 'turn-end':
    case 'model-start':
    case 'model-end':
    case 'model-error':
    case 'result-stored':
    case 'recall':
    case 'remember':
    case 'tools-found':
    case 'input-request':
    case 'input-response':
    case 'quote':
    case 'text':
    case 'text-delta':
    case 'thinking-delta':
    case 'tool-input-delta':
      return undefined;
    default:
      return event satisfies never;
  }
}
