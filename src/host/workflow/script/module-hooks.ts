/**
 * Modules of scripts come from the text that was read with the config, under URLs that carry its hash: another text is
 * another module, and what changed on the disk since then is not run unseen.
 */
import { registerHooks } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface ScriptText {
  /** Absolute. */
  readonly file: string;
  readonly hash: string;
  readonly files: Readonly<Record<string, string>>;
}

/** Under which a script has what this program exports, wherever the program is installed. */
const OWN_PACKAGE = 'switchyard';
const HASH = 'switchyard-script';
const RELATIVE = /^(?:\.{0,2}\/|file:)/;

const known = new Map<string, ScriptText['files']>();
let isRegistered = false;

/** What to import to get the script's module. */
export function urlOfScript({ file, hash, files }: ScriptText): string {
  known.set(hash, files);
  if (!isRegistered) register();
  isRegistered = true;
  return urlOf(pathToFileURL(file).href, hash);
}

function register(): void {
  registerHooks({
    resolve(specifier, context, next) {
      // The files may be gone from the disk by now.
      if (hashOf(specifier) !== undefined) return { url: specifier, shortCircuit: true };
      const { parentURL = '' } = context;
      const hash = hashOf(parentURL);
      if (hash === undefined) return next(specifier, context);
      if (specifier === OWN_PACKAGE) return { url: ownEntry(), shortCircuit: true };
      if (!RELATIVE.test(specifier)) return next(specifier, context);
      const direct = new URL(specifier, parentURL).href;
      const isRead = (url: string): boolean => known.get(hash)?.[fileURLToPath(url)] !== undefined;
      if (isRead(direct)) return { url: urlOf(direct, hash), shortCircuit: true };
      // A link may lead to what was read.
      const { url } = next(specifier, context);
      if (isRead(url)) return { url: urlOf(url, hash), shortCircuit: true };
      throw new Error(
        `${fileURLToPath(parentURL)} imports ${fileURLToPath(url)}, which was not found as the config was read: a script imports other files by a plain relative path, such as './other.ts'`,
      );
    },
    load(url, context, next) {
      const hash = hashOf(url);
      if (hash === undefined) return next(url, context);
      const file = fileURLToPath(url);
      const source = known.get(hash)?.[file];
      return { format: formatOf(file), source: source ?? '', shortCircuit: true };
    },
  });
}

function hashOf(url: string): string | undefined {
  if (!url.startsWith('file:')) return undefined;
  return new URL(url).searchParams.get(HASH) ?? undefined;
}

function urlOf(url: string, hash: string): string {
  const own = new URL(url);
  own.searchParams.set(HASH, hash);
  return own.href;
}

function formatOf(file: string): string {
  switch (extname(file)) {
    case '.ts':
    case '.mts':
      return 'module-typescript';
    case '.json':
      return 'json';
    default:
      return 'module';
  }
}

/** Node runs the source in a checkout and the compiled file in the package. */
function ownEntry(): string {
  return new URL(`../../../index.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url).href;
}
