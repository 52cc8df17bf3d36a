/** Runs of one call over the ledger server, whose requests are held where a test wants it. */
import { join } from 'node:path';

import { type HeldRequest, openControl } from '../../../bench/chaos/control.ts';
import type { ToolCallResult } from '../../../src/host/context.ts';
import type { RegisteredWorkflow } from '../../../src/host/engine/engine.ts';
import { allowAll } from '../../../src/host/tool-call/policy.ts';
import type { Json, JsonObject } from '../../../src/json.ts';
import { ledgerServer, type LedgerServerOptions } from '../../fixtures/ledger-server.ts';
import { type LedgerEntry, readLedger } from '../../fixtures/mcp/ledger-entry.ts';
import { openTestHost, type TestHost, type TestHostOptions } from '../../fixtures/open-host.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

export type CallInput = { readonly name: string; readonly arguments?: JsonObject };

export const oneCall: RegisteredWorkflow<CallInput & Json, ToolCallResult & Json> = {
  name: 'one-call',
  run: async (context, { name, arguments: args = {} }) => {
    await context.tools.list(context);
    return context.tools.call(context, { callId: 'call', name, arguments: args });
  },
};

export interface LedgerWorld extends AsyncDisposable {
  readonly path: string;
  readonly held: HeldRequest[];
  readonly ledger: () => readonly LedgerEntry[];
  server(options?: Omit<LedgerServerOptions, 'ledger'>): ReturnType<typeof ledgerServer>;
  open(options?: Partial<TestHostOptions>): Promise<TestHost>;
  /** Servers end with their control, and none can be started without it. */
  endServers(): Promise<void>;
}

/** `isHeld` by default: every request, once its effect is made. */
export async function ledgerWorld(
  isHeld: (request: HeldRequest) => boolean = ({ point }) => point === 'effect',
): Promise<LedgerWorld> {
  const folder = await temporaryFolder('effects');
  const ledger = join(folder.path, 'ledger');
  const held: HeldRequest[] = [];
  const control = await openControl(join(folder.path, 'control'), (request) => {
    if (!isHeld(request)) return false;
    held.push(request);
    return true;
  });
  let ending: Promise<void> | undefined;
  const endServers = (): Promise<void> => {
    ending ??= Promise.resolve(control[Symbol.asyncDispose]());
    return ending;
  };
  const server: LedgerWorld['server'] = (more) =>
    ledgerServer({ ledger, controlSocket: control.socketPath, ...more });
  return {
    path: folder.path,
    held,
    ledger: () => readLedger(ledger),
    server,
    endServers,
    async open(more = {}) {
      const opened = await openTestHost({
        folder: folder.path,
        script: () => ({ type: 'answer', text: 'not asked' }),
        policy: allowAll('test'),
        servers: [server()],
        ...more,
      });
      opened.host.engine.register(oneCall);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      await endServers();
      await folder[Symbol.asyncDispose]();
    },
  };
}

export function labelled(name: string, label = 'a'): CallInput {
  return { name, arguments: { label, value: 1 } };
}
