/** What is told of one server. */
import type { RemoteDefinition, StdioDefinition } from '../config/server-definition.ts';
import type { Connection } from './connection.ts';
import type { ServerState, ServerStatus } from './contract.ts';
import { NO_ENTRIES } from './listing.ts';
import type { Snapshot } from './snapshot.ts';

export interface StatusFacts {
  readonly definition: StdioDefinition | RemoteDefinition;
  readonly state: ServerState;
  readonly reason: string | undefined;
  readonly live: Connection | undefined;
  readonly snapshot: Snapshot | undefined;
  readonly fromSnapshot: boolean;
  readonly connectMs: number | undefined;
  readonly loginDue: boolean;
  /** Connections of sessions that have one to themselves; undefined where one is shared. */
  readonly sessions: number | undefined;
}

export function statusOf(facts: StatusFacts): ServerStatus {
  const { definition, state, reason, live, snapshot, fromSnapshot, connectMs, loginDue, sessions } = facts;
  const { tools, resources, prompts } = snapshot?.entries ?? NO_ENTRIES;
  return {
    name: definition.name,
    state,
    ...(reason !== undefined && { reason }),
    ...(loginDue && { loginDue }),
    transport: live?.kind ?? snapshot?.transport ?? definition.type,
    ...(snapshot !== undefined && { era: snapshot.era }),
    ...(snapshot?.protocolVersion !== undefined && { protocolVersion: snapshot.protocolVersion }),
    ...(snapshot?.serverInfo !== undefined && { serverInfo: snapshot.serverInfo }),
    ...(snapshot?.instructions !== undefined && { instructions: snapshot.instructions }),
    ...(live?.processId !== undefined && { pid: live.processId }),
    counts: { tools: tools.length, resources: resources.length, prompts: prompts.length },
    fromSnapshot,
    ...(sessions !== undefined && { sessions }),
    ...(connectMs !== undefined && { connectMs }),
    notices: snapshot?.notices ?? [],
  };
}
