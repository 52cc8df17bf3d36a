/**
 * What only one provider understands (signed thinking, reasoning, thought signatures), kept with whom it is from. Another
 * provider refuses it, or would be shown what is not its own.
 */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';

export interface ProviderOrigin {
  readonly wire: 'anthropic' | 'chat-completions';
  /** Host and port of the base URL. */
  readonly at: string;
  /** `provider/name`. */
  readonly model: string;
}

export function originOf(wire: ProviderOrigin['wire'], baseUrl: string, model: string): ProviderOrigin {
  return { wire, at: URL.canParse(baseUrl) ? new URL(baseUrl).host : 'unknown', model };
}

export function keptData({ wire, at, model }: ProviderOrigin, data: JsonObject): Json {
  return { wire, at, model, data };
}

/** Of the same wire at the same address; undefined for what is from elsewhere. */
export function dataOfProvider(opaque: unknown, origin: ProviderOrigin): JsonObject | undefined {
  if (!isJsonObject(opaque) || opaque.wire !== origin.wire || opaque.at !== origin.at) return undefined;
  return isJsonObject(opaque.data) ? opaque.data : undefined;
}

/** Of the same provider and of the very same model. */
export function dataOfModel(opaque: unknown, origin: ProviderOrigin): JsonObject | undefined {
  return isJsonObject(opaque) && opaque.model === origin.model ? dataOfProvider(opaque, origin) : undefined;
}
