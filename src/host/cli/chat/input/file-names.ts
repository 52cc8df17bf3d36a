import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Enough for a person to find a file by; a larger tree is reached folder by folder. */
const MAX_ENTRIES = 5_000;
const KEEP_MS = 5_000;
const PASSED_OVER = new Set(['node_modules', '.git', '__pycache__', '.venv', 'dist', 'target']);

/** Names of the files below a folder, for completion. Read anew when what is known is some seconds old. */
export class FileNames {
  readonly #folder: string;
  #known: { readonly names: Promise<readonly string[]>; readonly atMs: number } | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Relative to the folder; folders end in a slash. Hidden names only where the query begins with a dot. */
  async find(query: string, limit: number): Promise<readonly string[]> {
    const names = await this.#names();
    const hidden = /(^|\/)\./.test(query);
    return names
      .filter((name) => hidden || !/(^|\/)\./.test(name))
      .flatMap((name) => {
        const rank = rankOf(name, query);
        return rank === undefined ? [] : [{ name, rank }];
      })
      .sort((one, other) => one.rank - other.rank || one.name.length - other.name.length)
      .slice(0, limit)
      .map(({ name }) => name);
  }

  #names(): Promise<readonly string[]> {
    const nowMs = performance.now();
    if (!this.#known || nowMs - this.#known.atMs > KEEP_MS)
      this.#known = { names: walk(this.#folder), atMs: nowMs };
    return this.#known.names;
  }
}

/** Breadth first, so that what is near is there where not everything is. Folders that cannot be read are left out. */
async function walk(root: string): Promise<readonly string[]> {
  const found: string[] = [];
  const open = [''];
  for (let folder = open.shift(); folder !== undefined && found.length < MAX_ENTRIES; folder = open.shift()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (PASSED_OVER.has(entry.name)) continue;
      const name = `${folder}${entry.name}`;
      if (entry.isDirectory()) {
        found.push(`${name}/`);
        open.push(`${name}/`);
      } else if (entry.isFile()) found.push(name);
    }
  }
  return found;
}

/** The lower the better: the path begins so, the file's name does, it is somewhere in it, its letters are in order. */
function rankOf(name: string, query: string): number | undefined {
  const path = name.toLowerCase();
  const wanted = query.toLowerCase();
  if (path.startsWith(wanted)) return 0;
  const base = path.replace(/\/$/, '');
  if (base.slice(base.lastIndexOf('/') + 1).startsWith(wanted)) return 1;
  if (path.includes(wanted)) return 2;
  return inOrder(path, wanted) ? 3 : undefined;
}

function inOrder(text: string, letters: string): boolean {
  let at = -1;
  for (const letter of letters) {
    at = text.indexOf(letter, at + 1);
    if (at === -1) return false;
  }
  return true;
}
