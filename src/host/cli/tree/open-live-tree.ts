import { environment } from '../../../config/environment.ts';
import { terminalCapability } from '../chat/capability.ts';
import { createHighlighter } from '../chat/highlight.ts';
import { createTheme } from '../chat/theme.ts';
import { LiveTree } from './live-tree.ts';

/** On stderr: stdout is for the answer. Undefined where that is no terminal whose cursor can be moved. */
export function openLiveTree(workflow: string): LiveTree | undefined {
  const { stderr } = process;
  const { cursor, ...capability } = terminalCapability(environment(), { stdin: stderr, stdout: stderr });
  if (!cursor) return undefined;
  return new LiveTree({ stream: stderr, theme: createTheme(capability, createHighlighter()), workflow });
}
