/** What stands between the steps of a timeline. */
import { jsonText } from '../../../json.ts';
import type { StoredEvent } from '../../event.ts';
import { contextReducedText } from '../context-reduced.ts';
import { bytes } from '../terminal.ts';
import { resumeLine, workflowLine } from '../../workflow-line.ts';

/** Undefined for what its step says already. */
export function eventText(event: StoredEvent): string | undefined {
  switch (event.type) {
    case 'run-resume':
      return event.changed === undefined
        ? event.reason === 'adopted'
          ? 'taken over by another program'
          : 'resumed'
        : resumeLine(event);
    case 'run-end':
      return `the run is ${event.outcome}${event.error === undefined ? '' : `: ${event.error.message}`}`;
    case 'step-restart':
      return `starts over (${event.reason})${event.failure === undefined ? '' : `: ${event.failure.message}`}`;
    case 'approval-request':
      return `${event.name} waits for approval ${event.id}`;
    case 'approval':
      return `${event.name} ${event.decision} by ${event.by}${event.edited ? ', with other arguments' : ''}`;
    case 'verdict':
      return `guard ${event.guard} (${event.stage}): ${event.verdict}${event.reason === undefined ? '' : `, ${event.reason}`}`;
    case 'limit-reached':
      return `limit: ${event.message}`;
    case 'notice':
      return event.message;
    case 'result-stored':
      return `kept whole: ${event.uri} (${bytes(event.sizeBytes)})`;
    case 'context-reduced':
      return contextReducedText(event);
    case 'input-request':
      return `${event.server} asks: ${event.method} ${jsonText(event.params['message'] ?? '')}`.trimEnd();
    case 'input-response':
      return `${event.server} was answered: ${event.action}`;
    case 'recall':
      return `memory gave ${event.count}`;
    case 'branch-start':
    case 'branch-end':
    case 'route':
    case 'model-route':
    case 'model-escalate':
    case 'handoff':
    case 'plan':
    case 'question':
    case 'question-answered':
      return workflowLine(event);
    case 'run-start':
    case 'turn-start':
    case 'turn-end':
    case 'model-start':
    case 'model-end':
    case 'model-error':
    case 'tool-call-start':
    case 'tool-call-progress':
    case 'tool-call-end':
    case 'remember':
    case 'tools-found':
    case 'quote':
    case 'text':
      return undefined;
    default:
      return event satisfies never;
  }
}
