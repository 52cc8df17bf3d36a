/**
 * Masks secrets in a text while it streams. Held back is what could still become a secret: the word at the end, a known
 * secret of several words that has begun, and a key file until its end.
 */
import type { SecretDetector } from '../secret/detector.ts';
import { maskOf } from '../secret/secret.ts';
import type { StreamFilter } from './guard.ts';

/** How much of what was shown is looked at again: the name or the scheme that makes the next word a secret. */
const CONTEXT_LENGTH = 160;
/** Longer than any secret that has a shape: the end of an endless word does not grow without bound. */
const MAX_HELD_LENGTH = 20_000;

export function createSecretStream(detector: Pick<SecretDetector, 'find' | 'phrases'>): StreamFilter {
  /** Shown already, as it came. */
  let context = '';
  let held = '';
  /** Within a secret without end: the rest of its word is left out. */
  let isSwallowing = false;

  const release = (until: number, isLast: boolean): string => {
    const text = context + held;
    const shown = context.length;
    const parts: string[] = [];
    let from = shown;
    let end = Math.max(until, shown);
    for (const secret of detector.find(text)) {
      if (secret.end <= from) continue;
      if (secret.start >= end) break;
      // It may go on with the next piece.
      if (!isLast && (secret.end > end || secret.end === text.length)) {
        end = Math.max(secret.start, from);
        break;
      }
      parts.push(text.slice(from, Math.max(secret.start, from)), maskOf(secret.kind));
      from = secret.end;
    }
    end = Math.max(end, from);
    parts.push(text.slice(from, end));
    context = text.slice(Math.max(0, end - CONTEXT_LENGTH), end);
    held = text.slice(end);
    if (held.length > 2 * MAX_HELD_LENGTH) {
      parts.push(maskOf(undefined));
      held = '';
      isSwallowing = true;
    }
    return parts.join('');
  };

  return {
    push(text) {
      held += isSwallowing ? text.replace(/^[\x21-\x7e]+/, '') : text;
      if (held === '') return '';
      isSwallowing = false;
      const whole = context + held;
      return release(Math.max(safeEnd(whole, detector.phrases), whole.length - MAX_HELD_LENGTH), false);
    },
    flush: () => release(context.length + held.length, true),
  };
}

/** Where the part ends that nothing to come can make a secret. */
function safeEnd(text: string, phrases: readonly string[]): number {
  let end = text.length;
  while (end > 0 && isSecretCharacter(text.charCodeAt(end - 1))) end -= 1;
  const keyFile = /-----BEGIN [A-Z ]{0,50}-{0,5}$/.exec(text.slice(-80));
  if (keyFile !== null) end = Math.min(end, text.length - keyFile[0].length);
  for (const phrase of phrases) end = Math.min(end, begunAt(text, phrase));
  return end;
}

/** Visible ASCII: what a secret of one word is made of. */
function isSecretCharacter(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

/** Where the end of the text is the beginning of the phrase; the end of the text where it is not. */
function begunAt(text: string, phrase: string): number {
  for (let start = Math.max(0, text.length - phrase.length + 1); start < text.length; start += 1) {
    if (text.charCodeAt(start) === phrase.charCodeAt(0) && phrase.startsWith(text.slice(start))) return start;
  }
  return text.length;
}
