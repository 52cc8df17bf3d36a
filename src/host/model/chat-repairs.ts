/**
 * What a chat completions endpoint turns out to want, learned from its refusal: the request is sent again in another way,
 * and those after it are sent so at once.
 */
export interface ChatRepairs {
  /** Tools are taken only from a model that does not reason: GPT-5.6 and later, which reason by default. */
  withoutReasoning: boolean;
  /** Each turn of a tool loop has to bring its reasoning, also one that another model took: DeepSeek. */
  fillReasoning: boolean;
}

export const WITHOUT_REASONING =
  'this endpoint takes tools from this model only with reasoning_effort "none", so it does not reason';

/** True: something was learned, and the request may be sent again. */
export function learnRepair(repairs: ChatRepairs, error: unknown, extraBody: object): boolean {
  if (!(error instanceof Error) || !('status' in error) || error.status !== 400) return false;
  const isAboutReasoning =
    'param' in error && error.param === 'reasoning_effort' && error.message.includes('none');
  if (isAboutReasoning && !repairs.withoutReasoning && !('reasoning_effort' in extraBody)) {
    repairs.withoutReasoning = true;
    return true;
  }
  const wantsReasoning = /missing\b.*reasoning_content|reasoning_content\b.*\b(?:missing|passed back)/i;
  if (wantsReasoning.test(error.message) && !repairs.fillReasoning) {
    repairs.fillReasoning = true;
    return true;
  }
  return false;
}
