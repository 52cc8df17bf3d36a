/** Of the host's own workflows. */
export const RESERVED_WORKFLOWS: readonly string[] = [
  'agent',
  'quote',
  'compact',
  'single-tool',
  'call',
  'remember',
];

export const WORKFLOW_NAME = /^[A-Za-z][\w-]{0,63}$/;
