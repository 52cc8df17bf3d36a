/** A kept conversation on the screen, as it would stand there had it just been held. */
import type { SessionRun } from '../../session/contract.ts';
import type { AssistantMessage, ModelMessage, ToolMessage, UserMessage } from '../../model/model.ts';
import { AnswerBlock } from './block/answer-block.ts';
import { LineBlock } from './block/line-block.ts';
import { RequestBlock } from './block/request-block.ts';
import { ThinkingBlock } from './block/thinking-block.ts';
import { ToolCallBlock } from './block/tool-call-block.ts';
import type { Theme } from './theme.ts';
import type { Transcript } from './transcript.ts';

/** Enough to find one's way back; `sessions show` prints all of it. */
const MAX_RUNS = 20;

export function showSession(runs: readonly SessionRun[], theme: Theme, transcript: Transcript): void {
  const shown = runs.slice(-MAX_RUNS);
  if (shown.length < runs.length) {
    const text = `${runs.length - shown.length} earlier requests are not shown.`;
    transcript.add(new LineBlock(theme, text, { style: 'dim' }));
  }
  for (const run of shown) showRun(run, theme, transcript);
}

function showRun(run: SessionRun, theme: Theme, transcript: Transcript): void {
  const calls = new Map<string, ToolCallBlock>();
  for (const { message } of run.messages) showMessage(message, { theme, transcript, calls });
  for (const call of calls.values()) call.abandon();
  if (run.damaged > 0) {
    const text = `${run.damaged} messages of this request can no longer be read.`;
    transcript.add(new LineBlock(theme, text, { style: 'yellow' }));
  }
  if (run.outcome !== undefined && run.outcome !== 'done')
    transcript.add(new LineBlock(theme, `This request ended: ${run.outcome}.`, { style: 'yellow' }));
}

interface Place {
  readonly theme: Theme;
  readonly transcript: Transcript;
  /** Calls that wait for their results, by id. */
  readonly calls: Map<string, ToolCallBlock>;
}

function showMessage(message: ModelMessage, place: Place): void {
  switch (message.role) {
    case 'user':
      showRequest(message, place);
      break;
    case 'assistant':
      showAnswer(message, place);
      break;
    case 'tool':
      showResults(message, place);
      break;
    default:
      message satisfies never;
  }
}

function showRequest({ content }: UserMessage, { theme, transcript }: Place): void {
  const texts = content.filter((part) => part.type === 'text');
  const request = texts.filter(({ origin }) => origin === undefined).map(({ text }) => text);
  const attached = texts.flatMap(({ origin }) => (origin === undefined ? [] : [origin]));
  transcript.add(new RequestBlock(theme, request.join('\n'), attached));
}

function showAnswer({ content }: AssistantMessage, { theme, transcript, calls }: Place): void {
  for (const part of content) {
    if (part.type === 'tool-call') {
      const [server = '', ...tool] = part.name.split('__');
      const start = tool.length === 0 ? { name: part.name, server: '' } : { name: part.name, server };
      const block = new ToolCallBlock(theme, { ...start, arguments: part.arguments ?? {} });
      calls.set(part.callId, block);
      transcript.add(block);
    } else if (part.text !== '') {
      const block = part.type === 'text' ? new AnswerBlock(theme) : ThinkingBlock.past(theme);
      block.setText(part.text);
      transcript.add(block);
    }
  }
}

function showResults({ results }: ToolMessage, { calls }: Place): void {
  for (const { callId, isError, content } of results) {
    const text = content.map((part) => (part.type === 'text' ? part.text : `[${part.mimeType}]`)).join('\n');
    calls.get(callId)?.end({
      outcome: isError ? 'tool-error' : 'complete',
      sizeBytes: Buffer.byteLength(text),
      text,
    });
    calls.delete(callId);
  }
}
