/** What of the host is served. Types only. */
import type { Registry } from '../../registry/contract.ts';
import type { Host } from '../contract.ts';

export type ServedHost = Pick<Host, 'call' | 'clients' | 'guards' | 'config'>;

export interface Served {
  readonly registry: Registry;
  readonly open: () => Promise<ServedHost>;
}
