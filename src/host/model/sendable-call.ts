/** Tool calls of one model as another takes them. Equal ids stay equal, different ones different: a call meets its result. */
import { createHash } from 'node:crypto';

/** A model may call a tool by any name; both wires refuse a conversation that holds one outside of these. */
export function sendableToolName(name: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name;
  return name.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || '_';
}

/** Anthropic: `[a-zA-Z0-9_-]+`. */
export function anthropicCallId(callId: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(callId)) return callId;
  return `${callId.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, 40)}_${hash(callId).slice(0, 12)}`;
}

/** OpenAI: at most 40 characters. Mistral: exactly nine letters and digits. */
export function chatCallId(callId: string, form: 'any' | 'nine-characters'): string {
  if (form === 'nine-characters') return /^[A-Za-z0-9]{9}$/.test(callId) ? callId : hash(callId).slice(0, 9);
  return callId.length <= 40 && callId !== '' ? callId : hash(callId).slice(0, 40);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
