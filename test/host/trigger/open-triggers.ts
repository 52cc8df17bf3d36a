/** A host that works on the triggers of a config, by a clock that the test sets. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import { loadConfig } from '../../../src/config/load-config.ts';
import { triggerSettings } from '../../../src/config/trigger-config.ts';
import type { RunRow } from '../../../src/host/engine/durable/run-rows.ts';
import { RunStore } from '../../../src/host/engine/durable/run-store.ts';
import { createHost, type Host } from '../../../src/host/host.ts';
import { openState, type State } from '../../../src/host/state.ts';
import { listEvents, type StoredEvent, takeEvent } from '../../../src/host/trigger/event-store.ts';
import type { JsonObject } from '../../../src/json.ts';
import type { LogEntry } from '../../../src/registry/contract.ts';
import { type ManualClock, manualClock } from '../../fixtures/manual-clock.ts';
import { temporaryFolder } from '../../fixtures/temporary-folder.ts';

export interface OpenedTriggers extends AsyncDisposable {
  readonly host: Host;
  readonly clock: ManualClock;
  readonly state: State;
  readonly home: string;
  readonly file: string;
  readonly entries: readonly LogEntry[];
  /** As a source of another process would. */
  tell(trigger: string, id: string, data?: JsonObject): void;
  /** The oldest first. */
  events(trigger: string): readonly StoredEvent[];
  runs(): readonly RunRow[];
  /** Lets seconds pass until it holds. */
  until(holds: () => boolean): Promise<void>;
  logged(event: string): readonly LogEntry[];
  edit(config: JsonObject): Promise<void>;
}

const START = '2026-03-02T08:00:10Z';

export async function openTriggers(config: JsonObject): Promise<OpenedTriggers> {
  const folder = await temporaryFolder('triggers');
  const home = folder.path;
  const file = join(folder.path, 'mcp.config.json');
  await writeFile(file, JSON.stringify(config));
  const clock = manualClock(START);
  const entries: LogEntry[] = [];
  const options = { workingFolder: home, homeFolder: home, userFolder: home, env: {} };
  const host = await createHost({
    ...options,
    config: await loadConfig({ ...options, configFile: file }),
    log: (entry) => entries.push(entry),
    onAsk: 'wait',
    adoptRuns: true,
    clock,
  });
  const state = openState(home);
  const logged = (event: string): LogEntry[] => entries.filter((entry) => entry.event === event);
  await host.triggers.serve();
  return {
    host,
    clock,
    state,
    home,
    file,
    entries,
    logged,
    tell(trigger, id, data = {}) {
      const written = host.config.triggers[trigger];
      if (written === undefined) throw new Error(`there is no trigger ${trigger}`);
      const place = { configFile: file, trigger };
      takeEvent(
        state,
        place,
        { id, atMs: clock.now(), data },
        triggerSettings(trigger, written),
        clock.now(),
      );
    },
    events: (trigger) => listEvents(state, { configFile: file, trigger }, 1_000).toReversed(),
    runs: () => new RunStore(state, home).list().toReversed(),
    async until(holds) {
      await expect
        .poll(
          async () => {
            await clock.pass(1_000);
            return holds();
          },
          { timeout: 30_000, interval: 20 },
        )
        .toBe(true);
    },
    async edit(next) {
      await writeFile(file, JSON.stringify(next));
      await host.reloadConfig();
    },
    async [Symbol.asyncDispose]() {
      await host[Symbol.asyncDispose]();
      state[Symbol.dispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
