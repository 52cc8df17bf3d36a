import { HostError } from '../../errors.ts';
import type { Model } from './model.ts';

/** A replay finds every answer in its journal. */
export const UNASKED_MODEL: Model = {
  id: 'unasked',
  limits: { maxTools: 0 },
  costUsd: async () => 0,
  stream() {
    throw new HostError('internal', 'A replay asks no model.');
  },
};
