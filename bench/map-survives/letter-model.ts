/** A model that sorts letters by a word in them, on the real wire, and counts what it is asked. */
import { type ModelServer, startModelServer } from '../../test/fixtures/model/model-server.ts';
import type { ScriptedRequest } from '../../test/fixtures/model/request.ts';

export interface LetterModel extends AsyncDisposable {
  readonly url: string;
  /** How often each letter was asked about. */
  readonly asked: ReadonlyMap<number, number>;
  /** Resolves when it is asked the next time. */
  nextQuestion(): Promise<void>;
}

const KINDS = [
  [/send me/, 'order'],
  [/money back/, 'complaint'],
  [/Do you sell/, 'question'],
  [/Thank you/, 'praise'],
] as const;

/** `latencyMs`: how long it thinks. */
export async function startLetterModel(latencyMs: number): Promise<LetterModel> {
  const asked = new Map<number, number>();
  let next = Promise.withResolvers<void>();
  const server: ModelServer = await startModelServer({
    script: async ({ userText }: ScriptedRequest) => {
      const letter = letterOf(userText);
      asked.set(letter, (asked.get(letter) ?? 0) + 1);
      next.resolve();
      next = Promise.withResolvers();
      await new Promise((resolve) => setTimeout(resolve, latencyMs));
      const kind = kindOf(letter, userText);
      return {
        type: 'answer',
        toolCalls: [{ name: 'answer', arguments: { kind, urgent: userText.includes('tomorrow') } }],
      };
    },
  });
  return {
    url: server.url,
    asked,
    nextQuestion: () => next.promise,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function letterOf(text: string): number {
  const number = /Letter (\d+)/.exec(text)?.[1];
  if (number === undefined) throw new Error(`This is no letter: ${text}`);
  return Number(number);
}

function kindOf(letter: number, text: string): string {
  const found = KINDS.find(([word]) => word.test(text))?.[1];
  if (found === undefined) throw new Error(`Letter ${letter} is of no kind.`);
  return found;
}
