/** What an exchange changes in memory: found by a model where one is set up for it, else by rules. */
import { messageOf } from '../../errors.ts';
import type { RunContext } from '../context.ts';
import { type Exchange, SECRET } from './exchange.ts';
import { extractionRequest, readOperations } from './extract/by-model.ts';
import { operationOf } from './extract/by-rules.ts';
import type { KnownFact, MemoryOperation } from './extract/operation.ts';
import { statementsOf } from './extract/statement.ts';
import { type MemoryCalls, requireDone } from './memory-calls.ts';
import { memoriesOf } from './recalled.ts';

/** An alias of the config's models. */
export const EXTRACTING_MODEL = 'cheap';

const MOST_STATEMENTS = 12;
const MOST_KNOWN = 15;

export async function extractOperations(
  context: RunContext,
  calls: MemoryCalls,
  input: { readonly exchange: Exchange; readonly extract: 'model' | 'rules' | 'off' },
): Promise<readonly MemoryOperation[]> {
  if (input.extract === 'off') return [];
  if (input.extract === 'model') {
    const found = await extractByModel(context, calls, input.exchange);
    if (found !== undefined) return found;
  }
  return extractByRules(calls, input.exchange);
}

/** Undefined where the model failed or answered something else; a notice says so. */
async function extractByModel(
  context: RunContext,
  calls: MemoryCalls,
  { request, answer, requestedAt }: Exchange,
): Promise<readonly MemoryOperation[] | undefined> {
  const known = await knownFacts(calls, request);
  const failed = (why: string): undefined => {
    const message = `Facts are taken by rules, because ${why}`;
    context.emit({ type: 'notice', level: 'warn', code: 'extraction-failed', message });
  };
  try {
    const asked = extractionRequest({ request, answer, known, saidAt: requestedAt });
    const result = await context.model(EXTRACTING_MODEL).generate(asked);
    if (result.type === 'error') return failed(`the model failed: ${result.failure.message}`);
    const text = result.message.content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('');
    const { operations, ignored } = readOperations(text, known);
    if (ignored === undefined) return failed(`${result.model} did not answer with JSON as it was asked.`);
    if (ignored > 0) {
      const message = `${ignored} of what ${result.model} wanted to remember made no sense and was passed over.`;
      context.emit({ type: 'notice', level: 'info', code: 'extraction-nonsense', message });
    }
    return operations;
  } catch (error) {
    if (context.signal.aborted) throw error;
    return failed(messageOf(error));
  }
}

async function extractByRules(
  calls: MemoryCalls,
  { request }: Exchange,
): Promise<readonly MemoryOperation[]> {
  const operations: MemoryOperation[] = [];
  // What a secret was left out of says nothing any more.
  const statements = statementsOf(request).filter(({ text }) => !text.includes(SECRET));
  for (const statement of statements.slice(0, MOST_STATEMENTS)) {
    const operation = operationOf(statement, await knownFacts(calls, statement.text));
    if (operation !== undefined) operations.push(operation);
  }
  return operations;
}

async function knownFacts(calls: MemoryCalls, query: string): Promise<readonly KnownFact[]> {
  const found = requireDone(
    await calls.call('recall', {
      query: query.slice(0, 2_000),
      only: 'facts',
      limit: MOST_KNOWN,
    }),
  );
  return memoriesOf(found).flatMap(({ factId, text, scope, similarity }) =>
    factId === undefined
      ? []
      : [
          {
            factId,
            text,
            scope: scope === 'person' ? 'person' : 'project',
            ...(similarity === undefined ? {} : { similarity }),
          },
        ],
  );
}
