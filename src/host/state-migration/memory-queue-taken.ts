/** When a worker took it. Released: never changed. */
export const MEMORY_QUEUE_TAKEN = 'ALTER TABLE memory_queue ADD COLUMN taken_ms INTEGER';
