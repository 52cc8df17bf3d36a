/** Clients without a token: programs of the person whose home it is, by a name of their own choice. */
const OF_PERSON = 'client:';

/** Those programs have what any of them asked for. Whoever has shown a token has what was asked for with that one. */
export function mayCollect(actor: string, ofRun: string): boolean {
  return actor.startsWith(OF_PERSON) ? ofRun.startsWith(OF_PERSON) : ofRun === actor;
}
