/** The terminal while a chat has it: what stands where, and that it is given back as it was. */
import {
  type Component,
  Container,
  ProcessTerminal,
  Spacer,
  TuiMainScreen,
  wrapTextWithAnsi,
} from '@earendil-works/pi-tui';

import { ActivityLine } from './activity-line.ts';
import { HeldPanel } from './panel/held-panel.ts';
import type { OpenPanel } from './panel/panel.ts';
import { PanelQueue } from './panel/panel-queue.ts';
import { QueuedRequests } from './queued-requests.ts';
import type { Theme } from './theme.ts';
import { Transcript } from './transcript.ts';

/** How often what moves by itself is drawn: the spinner and elapsed times. */
const TICK_MS = 100;
/** A process that was not stopped by its own signal goes on after this: nobody would wake it. */
const SUSPEND_CHECK_MS = 200;

/** Where requests are typed. */
export interface RequestEditor extends Component {
  readonly empty: boolean;
  focused: boolean;
}

export class Screen {
  readonly tui: TuiMainScreen;
  readonly transcript: Transcript;
  readonly activity: ActivityLine;
  readonly queued: QueuedRequests;
  readonly panels: PanelQueue;
  readonly #theme: Theme;
  /** Where the editor stands, or the panel that takes its place. */
  readonly #slot: Container;
  #editor: RequestEditor | undefined;
  #timer: NodeJS.Timeout | undefined;
  #suspended: NodeJS.Timeout | undefined;
  #foot: Component | undefined;
  #started = false;
  #onTick: () => boolean = () => false;

  constructor(theme: Theme) {
    this.#theme = theme;
    this.tui = new TuiMainScreen(new ProcessTerminal());
    this.transcript = new Transcript(() => this.draw());
    this.activity = new ActivityLine(theme);
    this.queued = new QueuedRequests(theme);
    this.#slot = fitted(theme);
    this.panels = new PanelQueue((panel) => this.#showPanel(panel));
  }

  get started(): boolean {
    return this.#started;
  }

  start(parts: { readonly editor: RequestEditor; readonly status: Component }): void {
    this.#editor = parts.editor;
    this.tui.addChild(this.transcript.view);
    const foot = fitted(this.#theme);
    for (const part of [this.activity, this.queued, this.#slot, parts.status]) foot.addChild(part);
    this.tui.addChild(foot);
    this.#foot = foot;
    this.#started = true;
    process.on('SIGCONT', this.#resume);
    process.on('uncaughtExceptionMonitor', this.#giveBack);
    this.tui.start();
    this.#showPanel(undefined);
  }

  /** Gives the terminal back. What was shown stays above the prompt of the shell. */
  stop(): void {
    if (!this.#started) return;
    this.#started = false;
    process.off('SIGCONT', this.#resume);
    process.off('uncaughtExceptionMonitor', this.#giveBack);
    this.endTicking();
    if (this.#foot) this.tui.removeChild(this.#foot);
    // The library writes a blank where the cursor is when it stops.
    this.tui.addChild(new Spacer(1));
    this.tui.renderNow();
    this.tui.stop();
  }

  draw(): void {
    if (this.#started) this.tui.requestRender();
  }

  /** Draws what moves by itself, until `endTicking`. */
  tickWith(onTick: () => boolean): void {
    this.#onTick = onTick;
    this.#timer ??= setInterval(() => {
      this.#onTick();
      this.draw();
    }, TICK_MS);
  }

  endTicking(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Ctrl-Z: hands the terminal to the shell and stops this process and those of its group that started it. */
  suspend(): void {
    this.tui.stop();
    process.kill(0, 'SIGTSTP');
    // Without a shell that minds jobs the signal is dropped, and no SIGCONT comes.
    this.#suspended = setTimeout(this.#resume, SUSPEND_CHECK_MS);
  }

  /** Before a crash is reported, so that the report stands on a terminal that works. */
  readonly #giveBack = (): void => this.stop();

  readonly #resume = (): void => {
    clearTimeout(this.#suspended);
    if (!this.#started) return;
    this.tui.stop({ preserveScreen: true });
    this.tui.start();
    this.tui.requestRender(true);
  };

  #showPanel(panel: OpenPanel | undefined): void {
    const editor = this.#editor;
    if (panel && editor && !editor.empty) {
      this.#show(
        new HeldPanel({
          panel,
          editor,
          hint: (width) =>
            wrapTextWithAnsi(
              this.#theme.style('yellow', 'You are typing something else: Tab turns to the question.'),
              width,
            ),
          onTake: () => this.#show(panel),
        }),
      );
      editor.focused = true;
    } else this.#show(panel ?? editor);
  }

  #show(shown: Component | undefined): void {
    if (!shown) return;
    this.#slot.clear();
    this.#slot.addChild(shown);
    this.tui.setFocus(shown);
    this.draw();
  }
}

/** A container whose lines are never wider than the terminal. */
function fitted(theme: Theme): Container {
  return new (class extends Container {
    override render(width: number): string[] {
      return super.render(width).map((line) => theme.fit(line, width));
    }
  })();
}
