/** Where a server of ours tells what it does: standard error, because standard output carries the protocol. */
import type { JsonObject } from '../json.ts';

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** One line an entry. `fields` are facts about the entry and never hold a secret. Never throws. */
export type ServerLog = (level: LogLevel, message: string, fields?: JsonObject) => void;

/** JSON lines with `time`, `level`, `component`, `message` and the fields; plain lines when a person watches. */
export function stderrLog(component: string): ServerLog {
  return (level, message, fields = {}) => {
    const line = process.stderr.isTTY
      ? `${component} ${level}: ${message}${plain(fields)}`
      : JSON.stringify({ time: new Date().toISOString(), level, component, message, ...fields });
    process.stderr.write(`${line}\n`);
  };
}

function plain(fields: JsonObject): string {
  return Object.entries(fields)
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('');
}
