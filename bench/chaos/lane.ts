/** One home folder and the host processes that come and go over it, one at a time. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { type LedgerEntry, readLedger } from '../../test/fixtures/mcp/ledger-entry.ts';
import { type Control, type HeldRequest, openControl } from './control.ts';
import { type Cut, cutsOf } from './cut.ts';
import { JournalView, type RunView } from './journal-view.ts';
import type { HostSettings } from './messages.ts';
import { RowWatcher } from './row-watcher.ts';
import {
  type ModelPoint,
  type ModelQuestion,
  type ScriptedModel,
  startScriptedModel,
} from './scripted-model.ts';
import { TOOLS } from './task.ts';
import { Victim } from './victim.ts';

export interface Round {
  /** What is started besides what is open. */
  readonly start?: readonly { readonly workflow: 'shapes' | 'agent'; readonly tag: string }[];
  /**
   * Brings about that the process is killed, and resolves when that was done or `over` says that there is nothing left to
   * kill. Without it all runs come to their end.
   */
  readonly kill?: (victim: Victim, over: Promise<unknown>) => Promise<unknown>;
}

/** No round takes longer, unless something hangs. */
const PATIENCE_MS = 30_000;

export class Lane implements AsyncDisposable {
  readonly stateFile: string;
  readonly cuts: Cut[] = [];
  /** Labels of plain calls whose claim stood without an answer when a host was killed. */
  readonly cutOff = new Set<string>();
  readonly problems: string[] = [];
  kills = 0;
  /** Asked of every request that comes to a point of the server: true keeps it there. */
  onRequest: (request: HeldRequest) => boolean = () => false;
  onQuestion: (question: ModelQuestion) => ModelPoint | undefined = () => undefined;
  readonly #settings: HostSettings;
  readonly #control: Control;
  readonly #model: ScriptedModel;
  readonly #modelAnswers: Map<string, number>;
  #journal: JournalView | undefined;
  #watcher: RowWatcher | undefined;
  #spare: Victim | undefined;

  static async open(folder: string): Promise<Lane> {
    const home = join(folder, 'home');
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const hooks: { lane?: Lane } = {};
    const control = await openControl(
      join(folder, 'control'),
      (request) => hooks.lane?.onRequest(request) ?? false,
    );
    const answers = new Map<string, number>();
    const model = await startScriptedModel((question) => {
      if (question.turn < (answers.get(question.tag) ?? 0))
        hooks.lane?.problems.push(`${question.tag}: the answer of turn ${question.turn} was paid for twice`);
      return hooks.lane?.onQuestion(question);
    });
    const ledgerFile = join(folder, 'ledger');
    const settings = { home, ledgerFile, modelUrl: model.url, controlSocket: control.socketPath };
    hooks.lane = new Lane(settings, { control, model, answers });
    return hooks.lane;
  }

  private constructor(
    settings: HostSettings,
    { control, model, answers }: { control: Control; model: ScriptedModel; answers: Map<string, number> },
  ) {
    this.#settings = settings;
    this.#control = control;
    this.#model = model;
    this.#modelAnswers = answers;
    this.stateFile = join(settings.home, 'state.db');
  }

  /** Of a home folder that a host has opened before. */
  get journal(): JournalView {
    this.#journal ??= new JournalView(this.stateFile);
    return this.#journal;
  }

  get watcher(): RowWatcher {
    this.#watcher ??= new RowWatcher(this.stateFile);
    return this.#watcher;
  }

  get ledger(): LedgerEntry[] {
    return readLedger(this.#settings.ledgerFile);
  }

  async round({ start = [], kill }: Round): Promise<void> {
    const left = this.#journal === undefined ? [] : this.journal.open();
    this.onRequest = () => false;
    this.onQuestion = () => undefined;
    const victim = this.#take();
    const wanted = left.length + start.length;
    const over = victim.until(() => victim.ended.size + victim.refused.length >= wanted);
    // Before it is told what to do: the point may come at once.
    const killing = kill?.(victim, over);
    victim.open(this.#settings);
    for (const { id } of left) victim.resume(id);
    for (const { workflow, tag } of start) victim.start(workflow, tag);
    const patience = setTimeout(() => {
      this.problems.push(`stuck: ${JSON.stringify(this.journal.open())}, started ${JSON.stringify(start)}`);
      victim.signal('SIGKILL');
    }, PATIENCE_MS);
    await killing;
    await over;
    clearTimeout(patience);
    for (const { runId, code, message } of victim.refused)
      this.problems.push(`${runId} was refused: ${code}: ${message}`);
    if (!victim.isGone) return victim.kill();
    this.kills += 1;
    this.#lookAt(victim);
  }

  /** Lets everything end, and compares every run with its journal. */
  async finish(): Promise<{ readonly runs: readonly RunView[]; readonly ledger: readonly LedgerEntry[] }> {
    await this.round({});
    const victim = this.#take();
    victim.open(this.#settings);
    const runs = this.journal.runs();
    for (const { id } of runs) victim.replay(id);
    await victim.until(() => victim.replayed.length + victim.refused.length === runs.length);
    for (const { runId, identical, detail } of victim.replayed)
      if (!identical) this.problems.push(`${runId} does not match its journal: ${detail}`);
    for (const { runId, message } of victim.refused)
      this.problems.push(`${runId} was not replayed: ${message}`);
    await victim.close();
    return { runs, ledger: this.ledger };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare?.kill();
    this.#journal?.[Symbol.dispose]();
    await this.#watcher?.[Symbol.asyncDispose]();
    await this.#control[Symbol.asyncDispose]();
    await this.#model[Symbol.asyncDispose]();
  }

  /** The next process loads its modules while this one works. */
  #take(): Victim {
    const compileCache = join(this.#settings.home, 'compile-cache');
    const victim = this.#spare ?? new Victim(compileCache);
    this.#spare = new Victim(compileCache);
    return victim;
  }

  /** Writes down where a kill has hit. */
  #lookAt(victim: Victim): void {
    for (const run of this.journal.runs('open')) {
      this.#modelAnswers.set(run.tag, run.modelAnswers);
      this.cuts.push(...cutsOf(run, victim.pid));
      for (const call of run.calls)
        if (call.isOpen && TOOLS[call.tool] === 'plain') this.cutOff.add(call.label);
    }
  }
}
