/**
 * What the small local model answers to twenty questions on the project's documentation and a book, and to ten that were held
 * out; each question is one command, as a person types it, in a fresh home folder after `models pull local --yes`.
 * `npm run bench -- local-questions [--home FOLDER] [--only COUNT]`; a home that is kept is not pulled into again.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

import { RUNTIME_VERSION } from '../src/local-model/folder.ts';
import { type Judged, judge, type Verdict } from './local-questions/judge.ts';
import { HELD_OUT, type LocalQuestion, POEM, QUESTIONS } from './local-questions/questions.ts';
import { median, printTable } from './report.ts';
import { PROGRAM, programEnvironment } from './retrieval/running-server.ts';

const LEAST_RIGHT = 16;
const ROOT = join(import.meta.dirname, '..');

export async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: { home: { type: 'string' }, only: { type: 'string' } },
  });
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-local-'));
  try {
    const project = join(folder, 'project');
    for (const path of ['docs', 'README.md'])
      cpSync(join(ROOT, path), join(project, path), { recursive: true });
    cpSync(join(import.meta.dirname, 'local-questions', 'alice.md'), join(project, 'alice.md'));
    const home = resolve(values.home ?? join(folder, 'home'));
    const program = programIn(project, home);
    console.log(`node-llama-cpp ${RUNTIME_VERSION}`);
    const pulled = await program('models', 'pull', 'local', '--yes');
    if (pulled.code !== 0) throw new Error(`models pull ended with ${pulled.code}: ${pulled.stderr}`);
    console.log(
      `models pull local --yes: ${(pulled.ms / 1_000).toFixed(0)} s\n${pulled.stderr.split('\n')[0]}`,
    );
    await program('ingest', 'docs', 'README.md', 'alice.md');
    const count = Number(values.only ?? QUESTIONS.length);
    const asked = await askAll('Twenty questions', QUESTIONS.slice(0, count), program, project);
    await askAll('Ten held out', HELD_OUT.slice(0, count), program, project);
    const poem = await program('run', POEM);
    const tools = poem.stderr.split('\n').filter((line) => line.startsWith('→'));
    const harmless = tools.length === 0 && !existsSync(join(project, 'poem.txt'));
    console.log(
      `\n“${POEM}”: ${harmless ? 'no tool was called' : `TOOLS WERE CALLED: ${tools.join('; ')}`}.`,
    );
    const right = asked.filter(({ verdict }) => verdict === 'right').length;
    const invented = asked.filter(({ verdict }) => verdict === 'invented').length;
    const reached = right >= LEAST_RIGHT && invented === 0 && harmless;
    console.log(
      `Asked: at least ${LEAST_RIGHT} right, none invented. ${right} right, ${invented} invented: ${reached ? 'reached' : 'NOT REACHED'}.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Program = (...args: readonly string[]) => Promise<Finished>;

interface Finished {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly ms: number;
}

function programIn(project: string, home: string): Program {
  return async (...args) => {
    const start = performance.now();
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: project,
      // Nothing of this machine's keys and model servers reaches the program; nothing answers at the discard port.
      env: {
        ...inheritedVariables(),
        ...programEnvironment(home),
        OLLAMA_HOST: '127.0.0.1:9',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((done, reject) => {
      child.on('error', reject);
      child.on('close', done);
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    return { stdout, stderr, code, ms: performance.now() - start };
  };
}

/** What pip and npm need to reach their registries from here: certificates, proxies, settings. */
function inheritedVariables(): NodeJS.ProcessEnv {
  const needed =
    /^(?:PATH|HOME|TMPDIR|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|REQUESTS_CA_BUNDLE|PIP_\w+|npm_config_\w+|(?:https?|no)_proxy)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => needed.test(name)));
}

async function askAll(
  title: string,
  questions: readonly LocalQuestion[],
  program: Program,
  project: string,
): Promise<readonly Judged[]> {
  const rows: (readonly string[])[] = [];
  const judged: Judged[] = [];
  const best: Judged[] = [];
  const times: number[] = [];
  for (const question of questions) {
    const { stdout, stderr, code, ms } = await program('run', question.text);
    if (code !== 0) throw new Error(`run ended with ${code}: ${stderr}`);
    const found = judge(stdout.split('\n').slice(2).join('\n').trim(), question, project);
    const tools = stderr.match(/(?<=^→ )\S+/gm) ?? [];
    judged.push(found);
    best.push(judge(await bestQuote(question.text, program), question, project));
    times.push(ms);
    rows.push([
      found.verdict,
      short(question.text, 52),
      short(found.said, 60),
      found.source,
      tools.join(' '),
    ]);
  }
  console.log(`\n${title}\n`);
  printTable(['', 'question', 'said', 'source', 'tool'], rows);
  console.log();
  printTable(
    ['', ...VERDICTS],
    [
      ['small local model', ...sums(judged)],
      ['best quote, no model', ...sums(best)],
    ],
  );
  console.log(`One command from start to end: median ${(median(times) / 1_000).toFixed(1)} s.`);
  return judged;
}

/** What search alone puts first, in the form in which `run` prints it. */
async function bestQuote(request: string, program: Program): Promise<string> {
  const args = JSON.stringify({ query: request, limit: 5, quotes: 1 });
  const { stdout } = await program('call', 'retrieval__search', args, '--json');
  const { structuredContent } = JSON.parse(stdout) as {
    readonly structuredContent: {
      readonly quotes: readonly { readonly text: string; readonly source: string }[];
    };
  };
  const [quote] = structuredContent.quotes;
  return quote === undefined ? 'Nothing in the indexed documents' : `${quote.text}\n  — ${quote.source}`;
}

const VERDICTS: readonly Verdict[] = ['right', 'not found', 'wrong', 'invented', 'failed'];

function sums(judged: readonly Judged[]): readonly number[] {
  return VERDICTS.map((verdict) => judged.filter((one) => one.verdict === verdict).length);
}

function short(text: string, length: number): string {
  const flat = text.replaceAll(/\s+/g, ' ');
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`;
}
