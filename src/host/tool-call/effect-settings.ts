import type { ToolEntry } from '../../registry/contract.ts';
import { IDEMPOTENCY_KEY } from '../../config/idempotency-key.ts';
import type { UncertainPolicy } from '../../config/server-definition.ts';
import { isJsonObject } from '../../json.ts';

/** What the config says about calls that may have to be sent again. */
export interface EffectSettings {
  /** What becomes of a call whose outcome is unknown, and that is not safe to repeat. By the server's own name for the tool. */
  uncertain(server: string, tool: string): UncertainPolicy;
  /** The key of `_meta` under which the config says that the tool takes idempotency keys. */
  idempotencyKey(server: string, tool: string): string | undefined;
}

/** Where in `_meta` a tool takes an idempotency key: by the config, or by its own definition where that is believed. */
export function idempotencyMeta(
  entry: ToolEntry | undefined,
  effects: Pick<EffectSettings, 'idempotencyKey'>,
): string | undefined {
  if (entry === undefined) return undefined;
  const configured = effects.idempotencyKey(entry.server, entry.definition.name);
  if (configured !== undefined || !entry.annotationsTrusted) return configured;
  const meta = entry.definition['_meta'];
  return isJsonObject(meta) && meta[IDEMPOTENCY_KEY] === true ? IDEMPOTENCY_KEY : undefined;
}
