/** The keys that are the chat's own, wherever the cursor is. */
import { isKeyRelease, matchesKey } from '@earendil-works/pi-tui';

import type { ChatEditor } from './input/chat-editor.ts';
import { LeaveIntent } from './leave-intent.ts';
import type { RequestLoop } from './request-loop.ts';
import type { Screen } from './screen.ts';

export interface KeyTargets {
  readonly screen: Screen;
  readonly editor: ChatEditor;
  readonly requests: RequestLoop;
  readonly hint: (text: string) => void;
  readonly leave: () => void;
}

/** What is not consumed goes on to the editor or to the panel that is open. */
export function keyListener(targets: KeyTargets): (data: string) => { consume: true } | undefined {
  const { screen, editor, leave } = targets;
  const { transcript } = screen;
  const leaveIntent = new LeaveIntent();
  const always = (action: () => void) => (): boolean => {
    action();
    return true;
  };
  /** Each says whether the key was for it. */
  const keys = [
    ['ctrl+c', always(() => interrupt(targets, leaveIntent))],
    ['ctrl+o', always(() => transcript.toggleLast())],
    ['ctrl+t', always(() => transcript.toggleAll())],
    ['ctrl+z', always(() => screen.suspend())],
    [
      'ctrl+d',
      () => {
        if (screen.panels.open || !editor.empty) return false;
        leave();
        return true;
      },
    ],
    ['escape', () => takeBack(targets)],
  ] as const;
  return (data) => {
    if (isKeyRelease(data)) return undefined;
    const action = keys.find(([key]) => matchesKey(data, key))?.[1];
    return action?.() ? { consume: true } : undefined;
  };
}

/** Stops what there is to stop, the nearest first; a second press leaves. */
function interrupt({ screen, editor, requests, hint, leave }: KeyTargets, leaveIntent: LeaveIntent): void {
  if (leaveIntent.confirmed()) {
    leave();
  } else if (requests.running) {
    screen.activity.stopping();
    requests.stop('Stopped.');
  } else if (screen.panels.open) {
    screen.panels.dismissOpen();
  } else if (!editor.empty) {
    editor.setText('');
  } else {
    hint('Ctrl-C again leaves.');
  }
  screen.draw();
}

/** Esc closes a list of completions and answers a panel; only else it is for what waits. */
function takeBack({ screen, editor }: KeyTargets): boolean {
  if (screen.panels.open || editor.isShowingAutocomplete() || screen.queued.empty) return false;
  const request = screen.queued.takeLast();
  if (request) editor.setText(request.shown);
  screen.draw();
  return true;
}
