/** From the config to the guards it asks for. */
import type { Redactor } from '../secret/redactor.ts';
import type { Guard } from './guard.ts';
import { secretsGuard } from './secrets.ts';

export interface GuardTools {
  readonly redactor: Redactor;
}

export async function loadGuards({ redactor }: GuardTools): Promise<readonly Guard[]> {
  return [secretsGuard(redactor)];
}
