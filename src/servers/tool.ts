/** How the tools of our servers answer: text for a model, the same facts as structured content, errors with advice. */
import type { CallToolResult, ContentBlock, ServerContext } from '@modelcontextprotocol/server';

import { HostError, messageOf } from '../errors.ts';
import type { ServerLog } from './log.ts';

/** Annotations of a tool that changes nothing and stays on this machine (spec: server/tools). */
export const READ_ONLY = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const;

/** `text` is what a model reads; `structured` must fit the tool's output schema. */
export function toolResult(
  structured: Record<string, unknown>,
  text: string,
  more: readonly ContentBlock[] = [],
): CallToolResult {
  return { content: [{ type: 'text', text }, ...more], structuredContent: structured };
}

/** `message` says what failed, what exists and what to do. */
export function toolError(message: string): CallToolResult {
  return { content: [{ type: 'text', text: message }], isError: true };
}

/**
 * Runs a tool's work. A HostError becomes an error result with its message; anything else is logged whole and becomes an
 * error result too, so that no tool call ends as a protocol error.
 */
export async function answer(log: ServerLog, work: () => Promise<CallToolResult>): Promise<CallToolResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof HostError) return toolError(error.message);
    log('error', 'tool failed unexpectedly', {
      error: messageOf(error),
      stack: error instanceof Error ? (error.stack ?? '') : '',
    });
    return toolError(
      `The tool failed unexpectedly: ${messageOf(error)}. This is a fault of the server; its log tells more.`,
    );
  }
}

/** Tells how far long work is. `done` grows; `total` where it is known. */
export type ReportProgress = (done: number, total: number | undefined, message: string) => void;

const PROGRESS_INTERVAL_MS = 200;

/** Sends at most five notifications a second, and none when the client asked for none. */
export function progressReporter(context: Pick<ServerContext, 'mcpReq'>, log: ServerLog): ReportProgress {
  const progressToken = context.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return () => undefined;
  let lastSent = Number.NEGATIVE_INFINITY;
  return (progress, total, message) => {
    const elapsedMs = performance.now() - lastSent;
    if (elapsedMs < PROGRESS_INTERVAL_MS || context.mcpReq.signal.aborted) return;
    lastSent = performance.now();
    const params = { progressToken, progress, message, ...(total !== undefined && { total }) };
    context.mcpReq.notify({ method: 'notifications/progress', params }).catch((error: unknown) => {
      log('debug', 'progress was not delivered', { error: messageOf(error) });
    });
  };
}
