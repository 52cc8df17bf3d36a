import type { StoredEvent } from '../event.ts';

/** `Recalled 2 memories (2026-01-02, 2026-03-04).` */
export function recallLine({ count, memories }: Extract<StoredEvent, { type: 'recall' }>): string {
  if (count === 0) return 'Memory holds nothing on this.';
  const dates = [...new Set(memories.map(({ at }) => at.slice(0, 10)))].toSorted();
  return `Recalled ${count} ${count === 1 ? 'memory' : 'memories'} (${dates.join(', ')}).`;
}
