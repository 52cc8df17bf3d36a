/** Imports a script to see whether it comes to an end, and what it exports. Started by try-script.ts only. */
import { parentPort, workerData } from 'node:worker_threads';

import { messageOf } from '../../../errors.ts';
import { type ScriptText, urlOfScript } from './module-hooks.ts';
import { workflowIn } from './workflow-in.ts';

try {
  const module: unknown = await import(urlOfScript(workerData as ScriptText));
  const found = workflowIn(module);
  parentPort?.postMessage(found.type === 'workflow' ? undefined : found.reason);
} catch (error) {
  parentPort?.postMessage(`it fails as it is imported: ${messageOf(error)}`);
}
