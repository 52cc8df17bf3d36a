/**
 * The key of `_meta` by which one call is known however often it is sent. In a tool's definition `true` under it says that
 * the tool does a call with a key once; in a request it is followed by the key.
 */
export const IDEMPOTENCY_KEY = 'io.switchyard/idempotency-key';
