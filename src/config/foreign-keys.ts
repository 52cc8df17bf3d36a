/**
 * Server entries written for other clients (Claude Desktop and Code, Cursor, VS Code, Cline, Roo, Windsurf, Gemini CLI,
 * Amazon Q, Kiro, Goose, OpenCode, Zed), brought into our words.
 */
import { isJsonObject } from '../json.ts';
import { didYouMean, nearestName, typeName, type UnplacedProblem } from './problem.ts';

type Entry = Readonly<Record<string, unknown>>;

export interface Translation {
  /** Our keys only. */
  readonly entry: Record<string, unknown>;
  /** Our key → the key that the file uses for it. */
  readonly writtenAs: ReadonlyMap<string, string>;
  /** A file of variables to be read into `env`. */
  readonly envFile?: string;
  /** Keys that mean something to another client and nothing here. */
  readonly ignored: readonly string[];
  /** What was understood in a way that its author should know. */
  readonly remarks: readonly string[];
  readonly problems: readonly UnplacedProblem[];
}

/** `entry` is one value of `mcpServers`; paths of problems are relative to it. */
export function translateEntry(entry: Entry): Translation {
  const draft: Draft = { entry: {}, writtenAs: new Map(), ignored: [], remarks: [], problems: [] };
  for (const [key, value] of Object.entries(entry)) {
    const translate = TRANSLATIONS[key];
    if (OWN_KEYS.has(key)) draft.entry[key] = value;
    else if (translate !== undefined && Object.hasOwn(TRANSLATIONS, key)) translate(draft, value, key, entry);
    else unknownKey(draft, key);
  }
  splitCommand(draft);
  translateType(draft);
  translateTrust(draft);
  return draft;
}

interface Draft {
  entry: Record<string, unknown>;
  writtenAs: Map<string, string>;
  envFile?: string;
  ignored: string[];
  remarks: string[];
  problems: UnplacedProblem[];
}

type Translate = (draft: Draft, value: unknown, key: string, entry: Entry) => void;

const OWN_KEYS = new Set(
  (
    'type command args env cwd url headers builtin roots readOnly sources allowPrivate ' +
    'disabled start trust timeoutMs tools uncertain idempotencyKeys isolation oauth alias'
  ).split(' '),
);

const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  serverUrl: renamedTo('url'),
  httpUrl: renamedTo('url'),
  cmd: renamedTo('command'),
  envs: renamedTo('env'),
  environment: renamedTo('env'),
  workingDirectory: renamedTo('cwd'),
  transport: renamedTo('type'),
  transportType: renamedTo('type'),
  enabled: (draft, value) => {
    if (typeof value === 'boolean') draft.entry.disabled ??= !value;
    else draft.problems.push(wrongType('enabled', 'true or false', value));
  },
  envFile: (draft, value) => {
    if (typeof value === 'string' && value !== '') draft.envFile = value;
    else draft.problems.push(wrongType('envFile', "a file's name", value));
  },
  timeout: translateTimeout,
  includeTools: listedTools('allow'),
  enabledTools: listedTools('allow'),
  excludeTools: listedTools('deny'),
  disabledTools: listedTools('deny'),
  ...Object.fromEntries(
    (
      'autoApprove alwaysAllow description icon iconUrl iconPath name displayName id version author homepage gallery ' +
      'dev watch watchPaths sandbox sandboxEnabled auth authProviderType headersHelper source settings ' +
      'remoteConfigured disableAutoApprove fromGalleryId instructions registry bundled available_tools env_keys ' +
      'extension_id restartOnFailure'
    )
      .split(' ')
      .map((key): [string, Translate] => [key, (draft) => draft.ignored.push(key)]),
  ),
};

function renamedTo(ours: string): Translate {
  return (draft, value, key, entry) => {
    if (!Object.hasOwn(entry, ours)) {
      draft.entry[ours] = value;
      draft.writtenAs.set(ours, key);
    } else if (entry[ours] !== value) draft.remarks.push(`'${key}' is ignored beside '${ours}'`);
  };
}

function listedTools(list: 'allow' | 'deny'): Translate {
  return (draft, value, key, entry) => {
    if (!Array.isArray(value) || !value.every((name) => typeof name === 'string')) {
      draft.problems.push(wrongType(key, 'a list of names', value));
    } else if (isJsonObject(entry.tools) && entry.tools[list] !== undefined) {
      draft.remarks.push(`'${key}' is ignored beside 'tools.${list}'`);
    } else {
      draft.entry.tools = {
        ...(isJsonObject(draft.entry.tools) ? draft.entry.tools : (entry.tools ?? {})),
        [list]: value,
      };
    }
  };
}

/** The longest time-out that clients who count in seconds (Cline, Roo) accept. */
const MOST_SECONDS = 3600;

/** Some clients count `timeout` in seconds, others in milliseconds, where so few would be no time at all. */
function translateTimeout(draft: Draft, value: unknown, _key: string, entry: Entry): void {
  if (Object.hasOwn(entry, 'timeoutMs')) {
    draft.remarks.push("'timeout' is ignored beside 'timeoutMs'");
    return;
  }
  if (typeof value !== 'number' || !(value > 0)) {
    draft.problems.push(wrongType('timeout', 'a number above 0', value));
    return;
  }
  const timeoutMs = value <= MOST_SECONDS ? Math.ceil(value * 1000) : Math.ceil(value);
  draft.entry.timeoutMs = timeoutMs;
  draft.remarks.push(
    `'timeout' ${value} is read as ${value <= MOST_SECONDS ? 'seconds' : 'milliseconds'}; 'timeoutMs': ${timeoutMs} says it without doubt`,
  );
}

/** A command may be a list (OpenCode) or an object (older Zed). */
function splitCommand(draft: Draft): void {
  const { command, args } = draft.entry;
  if (isJsonObject(command)) {
    const { path, args: innerArgs, env } = command;
    draft.entry.command = path;
    if (innerArgs !== undefined) draft.entry.args ??= innerArgs;
    if (env !== undefined && env !== null) draft.entry.env ??= env;
  } else if (Array.isArray(command) && command.length > 0) {
    const [program, ...rest] = command;
    draft.entry.command = program;
    draft.entry.args = [...rest, ...(Array.isArray(args) ? args : [])];
  }
}

const TYPES: Readonly<Record<string, string>> = {
  'streamable-http': 'http',
  streamablehttp: 'http',
  streamable_http: 'http',
  remote: 'http',
  local: 'stdio',
  http: 'http',
  sse: 'sse',
  stdio: 'stdio',
};

function translateType(draft: Draft): void {
  const { type } = draft.entry;
  if (typeof type !== 'string') return;
  const ours = TYPES[type.toLowerCase()];
  if (ours !== undefined) {
    draft.entry.type = ours;
    return;
  }
  const nearest = nearestName(type, ['stdio', 'http', 'sse']);
  draft.problems.push({
    path: ['type'],
    message: `'${type}' is no transport that exists here: stdio, http or sse.${didYouMean(nearest)}`,
    expected: "'stdio', 'http' or 'sse'",
    found: type,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

/** In Gemini CLI `trust: true` runs every tool unasked, which is more than our `trust` may say. */
function translateTrust(draft: Draft): void {
  if (typeof draft.entry.trust !== 'boolean') return;
  delete draft.entry.trust;
  draft.ignored.push('trust');
}

function unknownKey(draft: Draft, key: string): void {
  const nearest = nearestName(key, [...OWN_KEYS, 'envFile']);
  if (nearest === undefined) {
    draft.ignored.push(key);
    return;
  }
  draft.problems.push({
    path: [key],
    atKey: true,
    message: `unknown key.${didYouMean(nearest)}`,
    expected: nearest,
    found: key,
    nearest,
  });
}

function wrongType(key: string, expected: string, value: unknown): UnplacedProblem {
  return {
    path: [key],
    message: `expected ${expected}, found ${typeName(value)}`,
    expected,
    found: typeName(value),
  };
}
