/** What the command lines of our servers have in common. */
import { messageOf } from '../errors.ts';
import { isLoopbackHost } from '../loopback.ts';
import type { HttpAddress } from './http-address.ts';

/** Spread into the `options` of `node:util` parseArgs. */
export const COMMON_OPTIONS = {
  http: { type: 'boolean' },
  port: { type: 'string' },
  host: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

export const COMMON_USAGE = `  --http            serve streamable HTTP at /mcp instead of stdio
  --port <number>   with --http: the port (default 4712; 0 takes a free one, named on standard error)
  --host <host>     with --http: 127.0.0.1 (default), ::1 or localhost
  -h, --help        show this text
`;

const DEFAULT_PORT = 4712;
const EXIT_CODE_USAGE = 2;

interface CommonValues {
  readonly http?: boolean | undefined;
  readonly port?: string | undefined;
  readonly host?: string | undefined;
  readonly help?: boolean | undefined;
}

/** Thrown inside `read` for arguments that are well-formed but wrong. */
export class UsageError extends Error {}

/**
 * Runs `read`, which parses the arguments. Returns undefined when there is nothing to serve: `--help` printed the usage on
 * standard output, or wrong arguments were explained on standard error and the process's exit code is 2.
 */
export function readArguments<Values extends CommonValues>(
  usage: string,
  read: () => Values,
): { readonly values: Values; readonly http: HttpAddress | undefined } | undefined {
  try {
    const values = read();
    if (values.help === true) {
      process.stdout.write(usage);
      return undefined;
    }
    return { values, http: httpAddress(values) };
  } catch (error) {
    if (!isUsageError(error)) throw error;
    exitForUsage(messageOf(error), usage);
    return undefined;
  }
}

/** Explains wrong usage on standard error and sets the process's exit code to 2. */
export function exitForUsage(message: string, usage: string): void {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exitCode = EXIT_CODE_USAGE;
}

function httpAddress(values: CommonValues): HttpAddress | undefined {
  if (values.http !== true) {
    if (values.port === undefined && values.host === undefined) return undefined;
    throw new UsageError('--port and --host mean something only together with --http.');
  }
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || values.port === '') {
    throw new UsageError(`--port is '${values.port}', but takes a number from 0 to 65535.`);
  }
  const host = values.host ?? '127.0.0.1';
  if (!isLoopbackHost(host)) {
    throw new UsageError(
      `--host is '${host}', but a server without a login listens on 127.0.0.1, ::1 or localhost only.`,
    );
  }
  return { port, host };
}

function isUsageError(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}
