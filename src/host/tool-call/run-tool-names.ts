/** The tools by which clients ask the agent, as they are offered, ruled and spoken of. */
export const ASK = 'switchyard__ask';
export const RUN_WAIT = 'switchyard__run_wait';
export const RUN_CANCEL = 'switchyard__run_cancel';
