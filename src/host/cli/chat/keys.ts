/** The keys that are the chat's own, wherever the cursor is. */
import { isKeyRelease, matchesKey } from '@earendil-works/pi-tui';

export interface KeyActions {
  /** Each says whether the key was for it; else it goes on to the editor or the panel. */
  interrupt(): boolean;
  endOfInput(): boolean;
  takeBack(): boolean;
  toggleLast(): boolean;
  toggleAll(): boolean;
  suspend(): boolean;
}

export function keyListener(actions: KeyActions): (data: string) => { consume: true } | undefined {
  const keys = [
    ['ctrl+c', () => actions.interrupt()],
    ['ctrl+d', () => actions.endOfInput()],
    ['ctrl+o', () => actions.toggleLast()],
    ['ctrl+t', () => actions.toggleAll()],
    ['ctrl+z', () => actions.suspend()],
    ['escape', () => actions.takeBack()],
  ] as const;
  return (data) => {
    if (isKeyRelease(data)) return undefined;
    const action = keys.find(([key]) => matchesKey(data, key))?.[1];
    return action?.() ? { consume: true } : undefined;
  };
}
