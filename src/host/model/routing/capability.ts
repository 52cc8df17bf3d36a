/** Whether a model can take a request at all. */
import { acceptedMedia } from '../media.ts';
import type { ModelLimits } from '../model.ts';
import type { RouteFacts } from './facts.ts';

/** Kept free for the answer, of a model that does not say how much it writes. */
const ANSWER_TOKENS = 1_024;
/** Of a window, kept for the answer at most. */
const MAX_ANSWER_SHARE = 0.5;

/** Why not; undefined where it can. Room is a question of its own. */
export function inability(limits: ModelLimits, facts: RouteFacts): string | undefined {
  const { images, audio } = acceptedMedia(limits);
  if (facts.images && !images) return 'takes no images';
  if (facts.audio && !audio) return 'takes no sound';
  if (facts.outputSchema && limits.outputSchema !== true) return 'is held to no output schema';
  if (facts.minTools > 0 && limits.toolUse === 'single') return 'gets one tool a question and no loop';
  if (facts.minTools > limits.maxTools)
    return `takes ${limits.maxTools} tools at most, and ${facts.minTools} are offered`;
  return undefined;
}

/** Why a request of so many tokens has no room; undefined where it has, or where the window is unknown. */
export function lackOfRoom(limits: ModelLimits, inputTokens: number): string | undefined {
  const { contextWindowTokens: window, maxOutputTokens = ANSWER_TOKENS } = limits;
  if (window === undefined) return undefined;
  const answer = Math.min(maxOutputTokens, window * MAX_ANSWER_SHARE);
  if (inputTokens + answer <= window) return undefined;
  return `has a window of ${window} tokens, and the request has about ${inputTokens}`;
}
