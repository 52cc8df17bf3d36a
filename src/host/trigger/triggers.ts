/** Triggers of a host: what the daemon runs, and what starts an event that a person fires. */
import type { Config } from '../../config/config.ts';
import type { TriggerSettings } from '../../config/trigger-config.ts';
import { HostError } from '../../errors.ts';
import type { LogSink, Registry } from '../../registry/contract.ts';
import type { RunPlace } from '../engine/durable/insert-run.ts';
import type { Engine, ResumeOptions, RunHandle, RunRecord } from '../engine/engine.ts';
import type { GivenWorkflows } from '../given-workflows.ts';
import type { LiveConfig } from '../live-config.ts';
import { limitsOfWorkflow } from '../runs.ts';
import type { State } from '../state.ts';
import { type Clock, systemClock } from './clock.ts';
import { renderInput } from './render-input.ts';
import type { TriggerParts } from './running-trigger.ts';
import type { Events } from './start-next.ts';
import type { TriggerSet, TriggerSetParts } from './trigger-set.ts';

export interface Triggers extends AsyncDisposable {
  /**
   * Listens to the sources of all triggers and starts runs, until the host closes; an edit of the config is taken as the host
   * takes it. Resolves when the sources are open or were tried. Rejects with HostError `daemon-running` where another
   * process does so for this config.
   */
  serve(): Promise<void>;
  /** Works off the events that wait for one trigger, and listens to nothing. `onRun` is given each run that this host begins. */
  workOff(trigger: string, onRun: (handle: RunHandle) => void): Promise<void>;
}

export interface TriggersOptions {
  readonly state: () => Promise<State>;
  readonly homeFolder: string;
  readonly live: Pick<LiveConfig, 'current'>;
  readonly runPlace: RunPlace;
  readonly registry: Registry;
  readonly given: Pick<GivenWorkflows, 'get' | 'inputFor'>;
  readonly engine: Pick<Engine, 'running' | 'cancel'>;
  readonly resume: (runId: string, options: Pick<ResumeOptions, 'onWait'>) => Promise<RunHandle>;
  readonly redact: TriggerParts['redact'];
  readonly log: LogSink;
  /** That of the machine where it is left out. */
  readonly clock: Clock | undefined;
}

export interface HostTriggers extends Triggers {
  /** Takes the triggers of a config in place of those of the one before it. */
  use(config: Config): Promise<void>;
}

export function createTriggers(options: TriggersOptions): HostTriggers {
  const { live, engine, clock = systemClock, log, homeFolder } = options;
  let set: TriggerSet | undefined;
  let lock: Disposable | undefined;
  let isClosed = false;

  /** Whoever opens waits for one thing and another, and the host may have closed meanwhile. */
  const requireOpen = (): void => {
    if (isClosed) throw new HostError('host-closed', 'The host is closed; no trigger can be worked on.');
  };

  const makeRun = async (settings: TriggerSettings, events: Events): Promise<Omit<RunRecord, 'id'>> => {
    const { name, workflow: workflowName, input: template } = settings;
    const workflow = options.given.get(workflowName);
    const rendered = renderInput(template, { trigger: name, events });
    const input = await options.given.inputFor(workflowName, rendered);
    return {
      workflow: workflow.name,
      workflowRevision: workflow.revision ?? '1',
      actor: `trigger:${name}`,
      input: options.redact({ input }).input,
      budget: limitsOfWorkflow(workflow, live.current),
    };
  };

  const partsOf = async (): Promise<TriggerSetParts> => ({
    ...options,
    clock,
    state: await options.state(),
    configFile: live.current.file,
    makeRun,
    // What waits for a person costs nothing meanwhile, and its time limit stands still.
    resume: (runId) => options.resume(runId, { onWait: 'leave' }),
    cancel: (runId, reason) => engine.cancel(runId, reason),
    running: (runId) => engine.running(runId),
  });

  const open = async (parts: TriggerSetParts, triggers: Config['triggers']): Promise<void> => {
    const { TriggerSet } = await import('./trigger-set.ts');
    requireOpen();
    set = new TriggerSet(parts);
    await set.use(triggers);
    set.start();
    await set.opened();
  };

  return {
    async serve() {
      const [{ holdDaemonLock }, { createSourceOpener }, { createSourceMemory }, kept, { recordSkipped }] =
        await Promise.all([
          import('./daemon-lock.ts'),
          import('./open-source.ts'),
          import('./source-memory.ts'),
          import('./trigger-state.ts'),
          import('./event-store.ts'),
        ]);
      const parts = await partsOf();
      const { state, configFile } = parts;
      const held = await holdDaemonLock(homeFolder, configFile);
      if (isClosed) held[Symbol.dispose]();
      requireOpen();
      lock = held;
      const opener = createSourceOpener({
        folder: live.current.folder,
        homeFolder,
        memoryOf: (trigger) => createSourceMemory(state, { configFile, trigger }),
        registry: options.registry,
        webhooks: () => live.current.webhooks,
        log,
        schedule: (trigger) => {
          const place = { configFile, trigger };
          return {
            clock,
            log,
            store: {
              progress: () => kept.scheduleProgress(state, place),
              setProgress: (progress) => kept.setScheduleProgress(state, place, progress),
              skip: (event, reason) => recordSkipped(state, place, event, reason, clock.now()),
            },
          };
        },
      });
      await open({ ...parts, opener }, live.current.triggers);
    },

    async workOff(trigger, onRun) {
      const config = live.current.triggers[trigger];
      await open({ ...(await partsOf()), onRun }, config === undefined ? {} : { [trigger]: config });
    },

    async use({ triggers }) {
      // Who works one trigger off has come for that one.
      if (lock !== undefined) await set?.use(triggers);
    },

    async [Symbol.asyncDispose]() {
      isClosed = true;
      await set?.[Symbol.asyncDispose]();
      set = undefined;
      lock?.[Symbol.dispose]();
      lock = undefined;
    },
  };
}
