/** The Messages API by hand. */
import type { Json } from '../../src/json.ts';
import { INSTRUCTIONS, MAX_TOKENS, MODEL, PLAN_SCHEMA, type Task } from './task.ts';

export interface ApiMessage {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly id?: string;
    readonly input?: Json;
  }[];
}

/** Sends a body, which is JSON, and gives the answer's. */
export type Send = (body: string) => Promise<ApiMessage>;

export const HEADERS = {
  'content-type': 'application/json',
  'x-api-key': 'none',
  'anthropic-version': '2023-06-01',
} as const;

export function bodyOf(system: string, request: string): object {
  return { model: MODEL, max_tokens: MAX_TOKENS, system, messages: [{ role: 'user', content: request }] };
}

export function planBody(request: string): object {
  return {
    ...bodyOf(INSTRUCTIONS.planner, request),
    tools: [{ name: 'answer', description: 'Gives your answer.', input_schema: PLAN_SCHEMA }],
    tool_choice: { type: 'tool', name: 'answer' },
  };
}

export function textOf({ content }: ApiMessage): string {
  return content[0]?.text ?? '';
}

export function tasksOf({ content }: ApiMessage): readonly Task[] {
  const [part] = content;
  return (part?.input as { readonly tasks: readonly Task[] } | undefined)?.tasks ?? [];
}
