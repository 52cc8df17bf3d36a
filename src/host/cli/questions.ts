import type { JsonObject } from '../../json.ts';
import type { PersonRequest } from '../person/attend.ts';
import type { Asker } from '../tool-call/policy.ts';

/** Puts questions to the person at the terminal: by lines at a prompt, or by the panels of a chat. One at a time. */
export interface Questions extends Asker {
  /** Yes or no; no where the terminal goes away. */
  confirm(question: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * The question of a server or a workflow; resolves to an `ElicitResult` (spec: client/elicitation). A URL is shown, never
   * opened.
   */
  elicit(request: PersonRequest): Promise<JsonObject>;
}
