/** Makes a connection: which transport, which protocol era, and what to try where the first does not fit. */
import { messageOf } from '../errors.ts';
import { httpStatus } from './answer.ts';
import { AuthFailure } from './auth-failure.ts';
import { Connection } from './connection.ts';
import type { ConnectionOptions, Era, TransportKind } from './connection-options.ts';

/** What an earlier handshake with the same definition ended in. */
interface Verdict {
  readonly era: Era;
  readonly transport: TransportKind;
}

export interface OpenOptions extends ConnectionOptions {
  readonly verdict: Verdict | undefined;
  readonly connectTimeoutMs: number;
  /** Ends the attempt; also aborted when the registry closes. */
  readonly signal: AbortSignal;
  /** The ending of a process that an attempt left; it may outlast the attempt. */
  readonly onEnding: (ending: Promise<void>) => void;
}

interface Plan {
  readonly kind: TransportKind;
  readonly mode: 'auto' | 'legacy';
}

/** How long a server of unknown era may leave `server/discover` unanswered before `initialize` is tried beside it. */
const PROBE_SHARE = 1 / 3;

/** Rejects with a message that says what failed and what was tried, or with an AuthFailure. */
export async function openConnection(options: OpenOptions): Promise<Connection> {
  const { definition, verdict, connectTimeoutMs } = options;
  const deadline = AbortSignal.timeout(connectTimeoutMs);
  const signal = AbortSignal.any([options.signal, deadline]);
  const tried: Plan[] = [];
  let plan: Plan | undefined = firstPlan(definition.type, verdict);
  let problem = '';
  while (plan !== undefined) {
    tried.push(plan);
    const connection = new Connection(options, plan.kind);
    try {
      await untilAborted(
        connection.connect({
          ...plan,
          probeTimeoutMs: verdict?.era === 'modern' ? connectTimeoutMs : connectTimeoutMs * PROBE_SHARE,
          timeoutMs: connectTimeoutMs,
          signal,
        }),
        signal,
      );
      return connection;
    } catch (error) {
      const { exitReason } = connection;
      const ending = connection.close();
      options.onEnding(ending);
      if (error instanceof AuthFailure) throw error;
      if (options.signal.aborted) throw new Error('The attempt was given up because the host closes.');
      if (deadline.aborted)
        throw new Error(`It did not complete the handshake within ${connectTimeoutMs} ms.`);
      // The first problem says most; a second plan mostly fails for the same reason in other words.
      problem ||= describe(error, exitReason);
      plan = nextPlan(definition.type, tried, error, exitReason);
      if (plan !== undefined) await ending;
    }
  }
  throw new Error(options.redact(problem));
}

function firstPlan(type: TransportKind, verdict: Verdict | undefined): Plan {
  const kind = type === 'http' ? (verdict?.transport ?? 'http') : type;
  const legacy = kind === 'sse' || verdict?.era === 'legacy';
  return { kind, mode: legacy ? 'legacy' : 'auto' };
}

/** The plan that this failure speaks for; none where it was tried, or where another would fail as well. */
function nextPlan(
  type: TransportKind,
  tried: readonly Plan[],
  error: unknown,
  exitReason: string | undefined,
): Plan | undefined {
  const last = tried.at(-1);
  const untried = (kind: TransportKind, mode: Plan['mode']) =>
    tried.some((plan) => plan.kind === kind && plan.mode === mode) ? undefined : { kind, mode };
  if (type === 'stdio') {
    const started = (error as NodeJS.ErrnoException).syscall === undefined;
    if (!started) return undefined;
    // Some servers of the older era end at any request before `initialize`.
    if (last?.mode === 'auto') return exitReason === undefined ? undefined : untried('stdio', 'legacy');
    return tried.length === 1 ? untried('stdio', 'auto') : undefined;
  }
  if (type === 'sse') return undefined;
  if (last?.kind === 'sse') return tried.length === 1 ? untried('http', 'auto') : undefined;
  // The backwards compatibility rule of the specification's transports page.
  if ([400, 404, 405].includes(httpStatus(error) ?? 0)) return untried('sse', 'legacy');
  return last?.mode === 'legacy' ? untried('http', 'auto') : undefined;
}

function describe(error: unknown, exitReason: string | undefined): string {
  if (exitReason !== undefined) return `Its process ${exitReason}.`;
  const { code, path, syscall } = error as NodeJS.ErrnoException;
  if (syscall?.startsWith('spawn') === true) {
    return code === 'ENOENT'
      ? `The program '${path ?? syscall.slice('spawn '.length)}' was not found. Check 'command', 'cwd' and the PATH.`
      : `The program could not be started (${code}).`;
  }
  const status = httpStatus(error);
  if (status === 401 || status === 403) return `It refused us with HTTP ${status}. Check its 'headers'.`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const detail = cause === undefined ? '' : ` (${messageOf(cause.cause ?? cause)})`;
  return `${messageOf(error).slice(0, 300)}${detail}`;
}

/** Settles with the work, or rejects when the signal aborts, so that no stuck server holds its caller. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = () => reject(new Error('The attempt was given up.'));
    signal.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', give));
    if (signal.aborted) give();
  });
}
