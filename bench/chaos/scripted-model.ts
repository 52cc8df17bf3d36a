/** The model of the agent's runs: a server on the real wire, which counts what it is asked. */
import { isJsonObject } from '../../src/json.ts';
import {
  type ModelReply,
  type ScriptedRequest,
  startModelServer,
} from '../../test/fixtures/model/model-server.ts';
import { AGENT_TURNS, SERVER_NAME } from './task.ts';

export type ModelPoint = 'asked' | 'streaming';

export interface ModelQuestion {
  readonly tag: string;
  /** From 0. */
  readonly turn: number;
}

export interface ScriptedModel extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly ModelQuestion[];
}

/** `onQuestion` says where this question is to come to a stand and never be answered. */
export async function startScriptedModel(
  onQuestion: (question: ModelQuestion) => ModelPoint | undefined,
): Promise<ScriptedModel> {
  const asked: ModelQuestion[] = [];
  const server = await startModelServer({
    script(request) {
      const question = { tag: tagOf(request), turn: turnOf(request) };
      asked.push(question);
      const stop = onQuestion(question);
      return stop === 'asked' ? { type: 'silence' } : replyOf(question, stop === 'streaming');
    },
  });
  return { url: server.url, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

export function agentRequest(tag: string): string {
  return `Do the work of run ${tag}.`;
}

function tagOf({ userText }: ScriptedRequest): string {
  return /of run (\S+)\./.exec(userText)?.[1] ?? '';
}

function turnOf({ body }: ScriptedRequest): number {
  const messages: readonly unknown[] = Array.isArray(body.messages) ? body.messages : [];
  return messages.filter((message) => isJsonObject(message) && message.role === 'assistant').length;
}

/** A few frames of an answer are enough to have begun one. */
const FRAMES_OF_A_BEGINNING = 3;

function replyOf({ tag, turn }: ModelQuestion, onlyBegin: boolean): ModelReply {
  const calls = AGENT_TURNS[turn];
  return {
    type: 'answer',
    text: calls ? `Turn ${turn} of ${tag}.` : `All of ${tag} is done.`,
    ...(calls
      ? {
          toolCalls: calls.map(([name, tool]) => ({
            id: `${tag}-${name}`,
            name: `${SERVER_NAME}__${tool}`,
            arguments: { label: `${tag}.${name}`, value: turn },
          })),
        }
      : {}),
    ...(onlyBegin ? { interrupt: { after: FRAMES_OF_A_BEGINNING, by: 'stall' as const } } : {}),
  };
}
