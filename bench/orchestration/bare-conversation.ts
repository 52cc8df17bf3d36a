/** A conversation without a library: messages in an array, and a tool that is a function. */
import { type ApiMessage, bodyOf, type Send, textOf } from './messages-api.ts';
import { INSTRUCTIONS, REQUEST } from './task.ts';

const TOOLS = [
  {
    name: 'add',
    description: 'Adds two numbers.',
    input_schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } } },
  },
];

/** Asks until the model answers without a call. `onTurn` is told the end of each turn that had one. */
export async function converse(send: Send, onTurn: () => void = () => undefined): Promise<string> {
  const messages: object[] = [{ role: 'user', content: REQUEST }];
  for (;;) {
    const answer = await ask(send, messages, TOOLS);
    const [use] = answer.content;
    if (use?.type !== 'tool_use') return textOf(answer);
    const { a, b } = use.input as { readonly a: number; readonly b: number };
    const result = {
      type: 'tool_result',
      tool_use_id: use.id,
      content: [{ type: 'text', text: `${a + b}` }],
    };
    messages.push({ role: 'user', content: [result] });
    onTurn();
  }
}

/** One more request of a session. */
export async function goOn(send: Send, messages: object[]): Promise<string> {
  messages.push({ role: 'user', content: REQUEST });
  return textOf(await ask(send, messages));
}

async function ask(send: Send, messages: object[], tools?: typeof TOOLS): Promise<ApiMessage> {
  const body = { ...bodyOf(INSTRUCTIONS.worker, ''), messages, ...(tools ? { tools } : {}) };
  const answer = await send(JSON.stringify(body));
  messages.push({ role: 'assistant', content: answer.content });
  return answer;
}
