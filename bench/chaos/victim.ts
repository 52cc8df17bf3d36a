/** A host process as the harness sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';

import type { SuspendReason } from '../../src/host/engine/engine.ts';
import type { FromHost, HostSettings, ToHost } from './messages.ts';

const SCRIPT = join(import.meta.dirname, 'host-process.ts');

export type Ended = Extract<FromHost, { type: 'ended' }>;
type Refused = Extract<FromHost, { type: 'refused' }>;

export class Victim {
  readonly pid: number;
  /** Resolves when it is gone, however that came. */
  readonly gone: Promise<unknown>;
  readonly #child: ChildProcess;
  readonly #emitter = new EventEmitter();
  /** By run. */
  readonly ended = new Map<string, Ended['outcome']>();
  readonly refused: Refused[] = [];
  readonly replayed: Extract<FromHost, { type: 'replayed' }>[] = [];
  /** Runs that it was told to start, and has not started yet. */
  starting = 0;
  isOpen = false;
  isGone = false;
  /** Why it has left runs that it was at work on. */
  readonly left: SuspendReason[] = [];

  /** Loads its modules and waits to be told more. */
  constructor(compileCache: string) {
    this.#child = fork(SCRIPT, {
      env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.pid = this.#child.pid ?? 0;
    this.gone = once(this.#child, 'exit').then(() => {
      this.isGone = true;
      this.#emitter.emit('change');
    });
    // What cannot be told to a process that was killed is of no interest.
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message: FromHost) => {
      if (message.type === 'open') this.isOpen = true;
      if (message.type === 'started') this.starting -= 1;
      if (message.type === 'ended') this.ended.set(message.runId, message.outcome);
      if (message.type === 'ended' && message.outcome.type === 'suspended')
        this.left.push(message.outcome.reason);
      if (message.type === 'refused') this.refused.push(message);
      if (message.type === 'replayed') this.replayed.push(message);
      this.#emitter.emit(message.type, message);
      this.#emitter.emit('change');
    });
  }

  open(settings: HostSettings): void {
    this.#tell({ type: 'open', settings });
  }

  start(workflow: 'shapes' | 'agent', tag: string): void {
    this.starting += 1;
    this.#tell({ type: 'start', workflow, tag });
  }

  resume(runId: string): void {
    this.#tell({ type: 'resume', runId });
  }

  replay(runId: string): void {
    this.#tell({ type: 'replay', runId });
  }

  /** Resolves when the condition holds, or the process is gone. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition() && !this.isGone) await once(this.#emitter, 'change');
  }

  signal(name: NodeJS.Signals): void {
    if (!this.isGone) process.kill(this.pid, name);
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.gone;
  }

  async close(): Promise<void> {
    this.#tell({ type: 'close' });
    await this.gone;
  }

  #tell(message: ToHost): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }
}
