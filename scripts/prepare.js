// Brings what `npm start` and `npm test` need: the packages and the local embedder. Plain JavaScript for Node 18 and
// newer, because it runs before the bundled Node is there. Says what it does on stderr; does nothing when all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'node_modules', '.switchyard-installed');
const lock = join(root, '.switchyard', 'preparing');
const embedder =
  process.env.SWITCHYARD_EMBEDDER ?? join(root, '.switchyard', 'models', 'all-MiniLM-L6-v2-int8');

const wanted = fingerprint();
if (!isInstalled() || !isEmbedderThere()) await alone(prepare);

function prepare() {
  if (!isInstalled()) installPackages();
  if (!isEmbedderThere()) fetchEmbedder();
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

function isEmbedderThere() {
  return (
    existsSync(join(embedder, 'onnx', 'model_quantized.onnx')) && existsSync(join(embedder, 'tokenizer.json'))
  );
}

function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`);
  for (const name of ['package.json', 'package-lock.json']) {
    const file = join(root, name);
    if (existsSync(file)) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

function installPackages() {
  say('Installing packages (about 1 GB on disk, once) …');
  // The lock was made on Linux x64 and holds that platform's binaries; elsewhere the exact pins of package.json decide.
  const lockFits = process.platform === 'linux' && process.arch === 'x64';
  const args = [
    'install',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    ...(lockFits ? [] : ['--no-package-lock']),
  ];
  const npm = process.env.npm_execpath;
  const started = Date.now();
  const environment = { ...process.env };
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: environment };
  const result = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, {
        ...options,
        shell: process.platform === 'win32',
      });
  if (result.status !== 0) {
    say(
      `Installing packages failed (${result.error?.message ?? `npm ended with ${result.status}`}). Run "npm install" in ${root} to see why.`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, wanted);
  say(`Packages are installed (${seconds(started)}).`);
}

function fetchEmbedder() {
  say('Fetching the local embedder (about 23 MB, once) …');
  const started = Date.now();
  const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const script = join(root, 'src', 'embedding', 'obtain-main.ts');
  const result = spawnSync(node, [script, embedder], {
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status === 0) say(`The embedder is ready (${seconds(started)}).`);
  else say('Going on without the embedder: search works by words only until it can be fetched.');
}

/** Two starts at once must not install into one folder together: the second waits for the first. */
async function alone(work) {
  mkdirSync(dirname(lock), { recursive: true });
  for (let waited = false; ; waited = true) {
    if (takeLock()) break;
    if (!waited) say('Another start is preparing this folder; waiting for it …');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  try {
    work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeLock() {
  try {
    const file = openSync(lock, 'wx');
    writeFileSync(file, String(process.pid));
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const owner = Number(existsSync(lock) ? readFileSync(lock, 'utf8') : Number.NaN);
  // An empty file is a lock whose owner has not written its number yet; a dead owner's lock is cleared.
  if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
  return false;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function seconds(started) {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}
