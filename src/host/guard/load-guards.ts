/** From the config to the guards it asks for, each loaded only then. */
import type { GuardSettings } from '../../config/guard-settings.ts';
import type { Redactor } from '../secret/redactor.ts';
import type { Guard } from './guard.ts';
import { secretsGuard } from './secrets.ts';
import type { Embed } from '../context.ts';

export interface GuardTools {
  readonly redactor: Redactor;
  readonly embed: Embed;
  /** Servers that keep what they are given, and give it to models later. */
  readonly isMemory: (server: string) => boolean;
}

/** Secrets are masked first, so that no other guard sees one; what refuses by length comes before what costs time. */
export async function loadGuards(settings: GuardSettings, tools: GuardTools): Promise<readonly Guard[]> {
  const { secrets, injection, maxCharacters, content, topics, pii } = settings;
  const guards: Guard[] = [];
  if (secrets) guards.push(secretsGuard(tools.redactor, tools.isMemory));
  if (Object.keys(maxCharacters).length > 0) {
    guards.push((await import('./length.ts')).lengthGuard(maxCharacters));
  }
  if (pii !== undefined) guards.push(await (await import('./pii.ts')).piiGuard(pii));
  if (content.length > 0) {
    const { contentGuard } = await import('./content.ts');
    guards.push(...content.map(contentGuard));
  }
  if (injection !== 'off') guards.push((await import('./injection.ts')).injectionGuard(injection));
  if (topics.length > 0) {
    guards.push(...(await import('./topics.ts')).topicsGuard(topics, tools.embed));
  }
  return guards;
}
