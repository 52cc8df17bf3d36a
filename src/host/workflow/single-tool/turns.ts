import { HostError } from '../../../errors.ts';
import type { JsonObject } from '../../../json.ts';
import { isJsonObject } from '../../../json.ts';
import type { ModelResult, RunContext } from '../../context.ts';
import type { ModelRequest } from '../../model/model.ts';

const MOST_JSON_TOKENS = 120;
const MOST_TEXT_TOKENS = 80;

/** The model calls of one question: each is a turn of its own, counted in the run's budget, its words told to nobody. */
export class ModelTurns {
  readonly #context: RunContext;
  readonly #model: { readonly alias: string; readonly id: string };
  readonly #toolCount: number;
  #turn = 0;

  constructor(
    context: RunContext,
    model: { readonly alias: string; readonly id: string },
    toolCount: number,
  ) {
    this.#context = context;
    this.#model = model;
    this.#toolCount = toolCount;
  }

  /** Undefined where the answer was cut off. */
  async json(system: string, user: string, outputSchema: JsonObject): Promise<JsonObject | undefined> {
    const text = await this.#generate(system, user, { outputSchema, maxOutputTokens: MOST_JSON_TOKENS });
    try {
      const value: unknown = JSON.parse(text);
      return isJsonObject(value) ? value : undefined;
    } catch {
      // The grammar allows nothing but the schema's JSON, so what cannot be read is the beginning of it.
      return undefined;
    }
  }

  text(system: string, user: string): Promise<string> {
    return this.#generate(system, user, { maxOutputTokens: MOST_TEXT_TOKENS });
  }

  async #generate(
    system: string,
    user: string,
    shape: Pick<ModelRequest, 'outputSchema' | 'maxOutputTokens'>,
  ): Promise<string> {
    this.#turn += 1;
    const context = this.#context.branch(`turn-${this.#turn}`);
    await context.reserve({ turns: 1 });
    const { alias, id } = this.#model;
    context.emit({ type: 'turn-start', turn: this.#turn, model: id, toolCount: this.#toolCount });
    const result = await context.model(alias).generate(
      {
        system,
        messages: [{ role: 'user', content: [{ type: 'text', text: user }] }],
        tools: [],
        ...shape,
      },
      { draft: true },
    );
    context.emit({ type: 'turn-end', turn: this.#turn, toolCalls: 0 });
    return textOf(result);
  }
}

function textOf(result: ModelResult): string {
  if (result.type === 'message') {
    if (result.withheld !== undefined)
      throw new HostError(
        'answer-withheld',
        `The answer of ${result.model} is withheld: ${result.withheld}.`,
      );
    return result.message.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
  }
  const { failure } = result;
  throw new HostError('model-failed', failure.message, {
    data: { failure: failure.code, model: failure.model },
  });
}
