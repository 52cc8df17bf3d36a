/**
 * Which thinking goes back to Anthropic. Its API signs thinking blocks and wants its own back unchanged; it leaves out by
 * itself what another of its models wrote. Two things it refuses (platform.claude.com, "Troubleshooting thinking" and
 * "Preserved thinking"): a signature that does not fit what stands before it, as after a summary took the place of earlier
 * turns or the tools changed; and, with `thinking.type: "enabled"`, a tool loop whose last turn begins without thinking,
 * as where another provider took that turn.
 */
import { isJsonObject, type JsonObject } from '../../json.ts';
import type { ModelMessage, ModelRequest, ThinkingPart } from './model.ts';
import { dataOfProvider, type ProviderOrigin } from './provider-data.ts';

/** Blocks that the API refused are told again as refused for as long as the process lives, so that it is asked once. */
const MAX_REFUSED = 10_000;

export class ThinkingHistory {
  readonly #origin: ProviderOrigin;
  readonly #refused = new Set<string>();
  readonly #isManual: boolean;

  constructor(origin: ProviderOrigin, extraBody: JsonObject) {
    this.#origin = origin;
    this.#isManual = isJsonObject(extraBody.thinking) && extraBody.thinking.type === 'enabled';
  }

  /** The block as it came; undefined where it is another provider's, or was refused. */
  block(part: ThinkingPart): JsonObject | undefined {
    const block = dataOfProvider(part.opaque, this.#origin);
    return block === undefined || this.#refused.has(keyOf(block)) ? undefined : block;
  }

  /** Whether a request for this conversation has to go without thinking. */
  mustPause({ messages }: ModelRequest): boolean {
    if (!this.#isManual || messages.at(-1)?.role !== 'tool') return false;
    const last = messages.findLast((message) => message.role === 'assistant');
    const first = last?.content.find((part) => part.type !== 'thinking' || this.block(part) !== undefined);
    return first?.type !== 'thinking';
  }

  /** The provider's refusal of thinking in a conversation: from here on it is sent without that. False: it is none. */
  learn(error: unknown, { messages }: ModelRequest): boolean {
    if (!isRefusedThinking(error)) return false;
    const blocks = messages.flatMap((message) => this.#blocksOf(message));
    for (const block of blocks) this.#refused.add(keyOf(block));
    for (const oldest of this.#refused) {
      if (this.#refused.size <= MAX_REFUSED) break;
      this.#refused.delete(oldest);
    }
    return blocks.length > 0;
  }

  #blocksOf(message: ModelMessage): JsonObject[] {
    if (message.role !== 'assistant') return [];
    return message.content.flatMap((part) => {
      const block = part.type === 'thinking' ? this.block(part) : undefined;
      return block !== undefined && isThinking(block) ? [block] : [];
    });
  }
}

function isThinking({ type }: JsonObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}

/** A signature is unique; a block without one is told by all of it. */
function keyOf(block: JsonObject): string {
  return typeof block.signature === 'string' && block.signature !== ''
    ? block.signature
    : JSON.stringify(block);
}

function isRefusedThinking(error: unknown): boolean {
  if (!(error instanceof Error) || !('status' in error) || error.status !== 400) return false;
  return /invalid `?signature`? in `?(?:redacted_)?thinking|bound to a different conversation|cannot contain `?thinking/i.test(
    error.message,
  );
}
