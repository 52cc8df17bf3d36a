/** A conversation as a document. */
import type { InputPart, ModelMessage } from '../model/model.ts';
import type { SessionRun, SessionSummary } from '../session/contract.ts';

/** Everything that is kept, for programs. */
export function sessionJson(session: SessionSummary, runs: readonly SessionRun[]): string {
  return `${JSON.stringify({ ...session, runs }, null, 2)}\n`;
}

/** For reading: what was said, which tools were called and what they answered, folded. */
export function sessionMarkdown(session: SessionSummary, runs: readonly SessionRun[]): string {
  const { id, name, project, model, createdAtMs } = session;
  const facts = [
    `Session ${id}`,
    `begun ${time(createdAtMs)}`,
    `in ${project}`,
    ...(model === undefined ? [] : [`last answered by ${model}`]),
  ];
  return `${[`# ${name ?? (session.title || id)}`, `${facts.join(' · ')}`, ...runs.map(runText)].join('\n\n')}\n`;
}

function runText({ startedAtMs, outcome, messages, damaged }: SessionRun): string {
  const parts = messages.map(({ message }) => messageText(message)).filter((text) => text !== '');
  const notes = [
    ...(damaged === 0 ? [] : [`${damaged} messages are damaged and cannot be read.`]),
    ...(outcome === 'done' ? [] : [outcome === undefined ? 'It was cut off.' : `It ended: ${outcome}.`]),
  ];
  return [`---`, `*${time(startedAtMs)}*`, ...parts, ...notes.map((note) => `*${note}*`)].join('\n\n');
}

function messageText(message: ModelMessage): string {
  switch (message.role) {
    case 'user':
      return requestText(message.content);
    case 'assistant':
      return message.content
        .map((part) => {
          switch (part.type) {
            case 'text':
              return part.text;
            case 'thinking':
              return '';
            case 'tool-call':
              return `→ \`${part.name}\` ${fenced(JSON.stringify(part.arguments ?? part.invalidArguments ?? {}, null, 2), 'json')}`;
            default:
              return part satisfies never;
          }
        })
        .filter((text) => text !== '')
        .join('\n\n');
    case 'tool':
      return message.results
        .map(({ name, isError, content }) => {
          const summary = `${isError ? '✗' : '✓'} ${name}`;
          return `<details><summary>${summary}</summary>\n\n${fenced(inputText(content), '')}\n\n</details>`;
        })
        .join('\n\n');
    default:
      return message satisfies never;
  }
}

/** What the person said; what came with it from elsewhere stands folded below. */
function requestText(content: readonly InputPart[]): string {
  const isForeign = (part: InputPart): boolean => part.type === 'text' && part.origin !== undefined;
  const foreign = content.flatMap((part) =>
    part.type === 'text' && part.origin !== undefined
      ? [`<details><summary>${part.origin}</summary>\n\n${fenced(part.text, '')}\n\n</details>`]
      : [],
  );
  const said = inputText(content.filter((part) => !isForeign(part)));
  return [`**You:** ${said}`, ...foreign].join('\n\n');
}

function inputText(content: readonly InputPart[]): string {
  return content
    .map((part) =>
      part.type === 'text' ? part.text : `[${part.mimeType}, ${part.base64.length} characters of base64]`,
    )
    .join('\n');
}

/** A fence that the text cannot end. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `\n\n${fence}${language}\n${text}\n${fence}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}
