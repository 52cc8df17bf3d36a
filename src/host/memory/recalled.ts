/** What the memory server answers to `recall`, read once, and how it is told. */
import { isJsonObject, type Json, type JsonObject } from '../../json.ts';
import type { StoredEventInput } from '../event.ts';

export type Memory = {
  readonly type: string;
  readonly text: string;
  /** ISO 8601, UTC: when it was said or last changed. */
  readonly at: string;
  readonly scope: string;
  readonly factId?: string;
  readonly sessionId?: string;
  readonly role?: string;
  readonly source?: string;
  readonly similarity?: number;
};

/** From the structured part of an answer. An entry that lacks what every entry has is passed over. */
export function memoriesOf(structured: Json | undefined): readonly Memory[] {
  const memories = isJsonObject(structured) ? structured['memories'] : undefined;
  return Array.isArray(memories) ? memories.flatMap((entry) => memoryOf(entry)) : [];
}

function memoryOf(entry: unknown): readonly Memory[] {
  if (!isJsonObject(entry)) return [];
  const { type, text, at, scope, similarity } = entry;
  if (typeof type !== 'string' || typeof text !== 'string' || typeof at !== 'string') return [];
  return [
    {
      type,
      text,
      at,
      scope: typeof scope === 'string' ? scope : 'project',
      ...textFields(entry),
      ...(typeof similarity === 'number' ? { similarity } : {}),
    },
  ];
}

function textFields(entry: JsonObject): Pick<Memory, 'factId' | 'sessionId' | 'role' | 'source'> {
  const names = ['factId', 'sessionId', 'role', 'source'] as const;
  return Object.fromEntries(
    names.flatMap((name) => (typeof entry[name] === 'string' ? [[name, entry[name]]] : [])),
  );
}

/** `- 2026-01-02 (fact, from session_1): …`, further lines of the text indented. */
export function memoryLine(memory: Memory): string {
  const { at, type, text } = memory;
  return `- ${at.slice(0, 10)} (${type}, ${sourceOf(memory)}): ${text.trim().replaceAll(/\s*\n\s*/g, '\n  ')}`;
}

export function memoryEvent(memories: readonly Memory[]): StoredEventInput {
  return {
    type: 'recall',
    count: memories.length,
    memories: memories.map((memory) => ({
      kind: memory.type,
      at: memory.at,
      source: sourceOf(memory),
      ...(memory.factId === undefined ? {} : { factId: memory.factId }),
    })),
  };
}

function sourceOf({ sessionId, role, source, scope }: Memory): string {
  if (sessionId !== undefined)
    return `${role === undefined ? 'of' : `said by ${role} in`} session ${sessionId}`;
  if (source !== undefined) return `from ${source}`;
  return scope === 'person' ? 'about the person' : 'about this project';
}
