import { Command, CommanderError } from 'commander';

import { packageVersion } from '../../config/package-version.ts';
import { toHostError } from '../../errors.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { addCommands } from './commands.ts';

/**
 * The command line. Sets `process.exitCode` and returns when the command has let go of everything; the process then
 * ends by itself. Commands are loaded when they are called, so that a small one starts quickly.
 */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that went away (`| head`) ends the program quietly, as it does other programs.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    if (!isTerminalGone(error)) throw error;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && !isTerminalGone(error)) throw error;
  });
  const program = new Command('switchyard')
    .description(
      'Connects to all your MCP servers and works with them: asks, answers, and shows what is there.',
    )
    .version(packageVersion())
    .showHelpAfterError('Run "switchyard --help" to see the commands.')
    .exitOverride()
    .enablePositionalOptions();
  addCommands(program);
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (thrown) {
    process.exitCode = report(thrown);
  }
}

/** The terminal was closed: SIGHUP ends the program in order, and nobody reads what is still written. */
function isTerminalGone(error: NodeJS.ErrnoException): boolean {
  return error.code === 'EIO';
}

function report(thrown: unknown): number {
  // Commander has printed its message, or the help that was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  const error = toHostError(thrown);
  process.stderr.write(`${error.message}\n`);
  if (error.code === 'internal' && error.cause instanceof Error)
    process.stderr.write(`${error.cause.stack}\n`);
  return exitCodeOf(error.code);
}
