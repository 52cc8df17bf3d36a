/** Of the host's own workflows. */
export const RESERVED_WORKFLOWS: readonly string[] = [
  'agent',
  'quote',
  'compact',
  'single-tool',
  'call',
  'remember',
];

/** The tools that clients of the gateway have of the host itself, without their `switchyard__`. */
export const HOST_TOOLS: readonly string[] = [
  'ask',
  'run_wait',
  'run_cancel',
  'result_read',
  'result_search',
  'tool_search',
];

export const WORKFLOW_NAME = /^[A-Za-z][\w-]{0,63}$/;
