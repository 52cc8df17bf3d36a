import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type CommandOptions, switchyard } from '../fixtures/command-line.ts';
import { startModelServer } from '../fixtures/model/model-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../fixtures/temporary-folder.ts';

let folder: TemporaryFolder;
let options: CommandOptions;

const CONFIG = { mcpServers: { filesystem: { builtin: 'filesystem', roots: ['.'] } } };

beforeAll(async () => {
  folder = await temporaryFolder('cli');
  const cwd = join(folder.path, 'work');
  await mkdir(cwd);
  await writeFile(join(cwd, 'note.txt'), 'first line\nsecond line\n');
  await writeFile(join(cwd, 'servers.json'), JSON.stringify(CONFIG));
  options = { cwd, home: join(folder.path, 'home') };
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const config = ['--config', 'servers.json'];

describe('wrong usage', () => {
  test('an unknown command ends with 2 and names the help', async () => {
    const { code, stderr } = await switchyard(['serers'], options);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no command "serers"[\s\S]*"servers"/);
  });

  test('an option without its value, an empty request and arguments that are no JSON end with 2', async () => {
    expect((await switchyard(['run', 'x', '--max-turns', 'many'], options)).code).toBe(2);
    expect(await switchyard(['run', ' ', ...config], options)).toMatchObject({ code: 2, stdout: '' });
    const { code, stderr } = await switchyard(['call', 'filesystem__read_file', '{path', ...config], options);
    expect(code).toBe(2);
    expect(stderr).toContain('not JSON');
  });

  test('a config with a typo ends with 2 and gives file, line and the nearest key', async () => {
    await writeFile(
      join(options.cwd, 'typo.json'),
      '{\n  "mcpServers": {},\n  "budgt": { "maxTurns": 3 }\n}',
    );
    const { code, stderr } = await switchyard(['servers', '--config', 'typo.json'], options);
    expect(code).toBe(2);
    expect(stderr).toMatch(/typo\.json[\s\S]*\b3:\d+/);
    expect(stderr).toContain('budget');
  });

  test('a server with an unset variable fails alone', async () => {
    const broken = { ...CONFIG.mcpServers, github: { command: 'node', args: ['${NOT_SET_ANYWHERE}'] } };
    await writeFile(join(options.cwd, 'unset.json'), JSON.stringify({ mcpServers: broken }));
    const { code, stdout, stderr } = await switchyard(['tools', '--config', 'unset.json'], options);
    expect(code).toBe(0);
    expect(stdout).toContain('filesystem__read_file');
    expect(stderr).toMatch(/github.*NOT_SET_ANYWHERE/);
  });

  test('a config found in the working folder is used only after it was accepted', async () => {
    const cwd = join(folder.path, 'foreign');
    await mkdir(cwd);
    const evidence = join(folder.path, 'started');
    const server = {
      command: process.execPath,
      args: ['-e', `require('fs').writeFileSync(${JSON.stringify(evidence)}, '')`],
    };
    await writeFile(join(cwd, 'mcp.config.json'), JSON.stringify({ mcpServers: { evil: server } }));
    const refused = await switchyard(['servers'], { ...options, cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('switchyard config trust');
    expect(existsSync(evidence)).toBe(false);
    expect((await switchyard(['config', 'trust', 'mcp.config.json'], { ...options, cwd })).code).toBe(0);
    expect((await switchyard(['servers'], { ...options, cwd })).code).toBe(0);
    expect(existsSync(evidence)).toBe(true);
  });
});

describe('what is there', () => {
  test('tools lists, and a second start answers from the snapshot without starting a server', async () => {
    const fresh = await switchyard(['tools', '--json', ...config], options);
    const warm = await switchyard(['tools', '--json', ...config], options);
    expect(fresh.code).toBe(0);
    expect(warm.stdout).toBe(fresh.stdout);
    expect(JSON.parse(warm.stdout).map((tool: { name: string }) => tool.name)).toContain(
      'filesystem__read_file',
    );
    const status = await switchyard(['servers', '--json', ...config], options);
    expect(JSON.parse(status.stdout)[0]).toMatchObject({ state: 'idle', fromSnapshot: true });
  });

  test('a query finds the best tools', async () => {
    const { stdout } = await switchyard(['tools', 'rename a file', '--limit', '1', ...config], options);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stdout).toContain('filesystem__move_file');
  });

  test('help and version answer at once', async () => {
    expect(await switchyard(['--help'], options)).toMatchObject({ code: 0, stderr: '' });
    expect((await switchyard(['run', '--help'], options)).stdout).toContain('--max-usd');
    expect((await switchyard(['--version'], options)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await switchyard(['server', 'filesystem', '--help'], options)).stdout).toContain('--root');
  });

  test('config schema, check and init', async () => {
    expect(JSON.parse((await switchyard(['config', 'schema'], options)).stdout)).toHaveProperty(
      'properties.mcpServers',
    );
    expect((await switchyard(['config', 'check', ...config], options)).stdout).toContain('filesystem');
    const cwd = join(folder.path, 'fresh');
    await mkdir(cwd);
    expect((await switchyard(['config', 'init'], { ...options, cwd })).code).toBe(0);
    expect((await switchyard(['config', 'init'], { ...options, cwd })).code).toBe(2);
    expect((await switchyard(['config', 'check'], { ...options, cwd })).stdout).toContain('retrieval');
  });

  test('doctor names what is wrong and ends with 1', async () => {
    const servers = { ...CONFIG.mcpServers, gone: { command: 'no-such-program-here' } };
    await writeFile(join(options.cwd, 'gone.json'), JSON.stringify({ mcpServers: servers }));
    const { code, stdout } = await switchyard(['doctor', '--json', '--config', 'gone.json'], options);
    expect(code).toBe(1);
    const findings = JSON.parse(stdout) as { what: string; state: string; detail: string }[];
    expect(findings.find(({ what }) => what === 'server gone')).toMatchObject({ state: 'wrong' });
    expect(findings.find(({ what }) => what === 'server filesystem')).toMatchObject({ state: 'ok' });
  });
});

describe('one operation', () => {
  test('call prints what the tool answered and nothing else on stdout', async () => {
    const { code, stdout } = await switchyard(
      ['call', 'filesystem__read_file', '{"path": "note.txt"}', ...config],
      options,
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'first line\nsecond line\n\n' });
  });

  test('a tool that writes waits for an approval without a terminal, and runs with --yes', async () => {
    const call = ['call', 'filesystem__write_file', '{"path": "out.txt", "content": "x"}', ...config];
    const waiting = await switchyard(call, options);
    expect(waiting).toMatchObject({ code: 4, stdout: '' });
    expect(waiting.stderr).toMatch(/switchyard approvals approve \w{8}.*--yes/s);
    expect(existsSync(join(options.cwd, 'out.txt'))).toBe(false);
    expect((await switchyard([...call, '--yes'], options)).code).toBe(0);
    expect(await readFile(join(options.cwd, 'out.txt'), 'utf8')).toBe('x');
  });

  test('resources and prompts are listed, read and got; an unknown one names the nearest', async () => {
    const everything = {
      command: process.execPath,
      args: [join(import.meta.dirname, '../fixtures/mcp/everything.ts')],
    };
    await writeFile(join(options.cwd, 'everything.json'), JSON.stringify({ mcpServers: { everything } }));
    const run = (...args: string[]) => switchyard([...args, '--config', 'everything.json'], options);
    expect((await run('resources')).stdout).toMatch(/note:\/\/one[\s\S]*page:\/\/\{book\}/);
    expect((await run('prompts')).stdout).toMatch(/everything__greet +name/);
    expect(await run('read', 'note://one')).toMatchObject({ code: 0, stdout: 'the first note\n' });
    expect(await run('read', 'page://alice/7')).toMatchObject({ code: 0, stdout: 'page 7 of alice\n' });
    expect(await run('prompt', 'everything__greet', '{"name": "Ada"}')).toMatchObject({
      code: 0,
      stdout: 'user: Greet Ada\n',
    });
    const whole = await run('prompt', 'everything__greet', '{"name": "Ada"}', '--json');
    expect(JSON.parse(whole.stdout)).toHaveProperty('messages');
    const unknown = await run('read', 'note://two');
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('note://one');
  });

  test('ingest fills the retrieval server and says what it passed over', async () => {
    const cwd = join(folder.path, 'ingested');
    await mkdir(join(cwd, 'papers'), { recursive: true });
    await writeFile(join(cwd, 'papers', 'a.md'), '# Bridges\n\nThe old bridge was closed in 1974.\n');
    await writeFile(join(cwd, 'papers', 'b.bin'), Buffer.from([0, 1, 2, 3]));
    await writeFile(
      join(cwd, 'servers.json'),
      JSON.stringify({ mcpServers: { retrieval: { builtin: 'retrieval' } } }),
    );
    const done = await switchyard(['ingest', 'papers', '--json', ...config], { ...options, cwd });
    expect(done.code).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ added: 1, skippedCount: 1 });
    const asked = await switchyard(['run', 'When was the old bridge closed?', ...config], {
      ...options,
      cwd,
    });
    expect(asked.stdout).toContain('closed in 1974.\n  — papers/a.md:3');
    const missing = await switchyard(['ingest', 'nowhere', ...config], { ...options, cwd });
    expect(missing.code).toBe(1);
  });

  test('the config that is in use is never written through the filesystem server, whatever its name', async () => {
    const args = JSON.stringify({ path: 'servers.json', content: '{}' });
    const refused = await switchyard(['call', 'filesystem__write_file', args, '--yes', ...config], options);
    expect(refused.code).toBe(1);
    expect(refused.stdout).toContain('never changed through this server');
    expect(await readFile(join(options.cwd, 'servers.json'), 'utf8')).toBe(JSON.stringify(CONFIG));
  });

  test('an unknown tool ends with 1 and the nearest name', async () => {
    const { code, stdout } = await switchyard(['call', 'filesystem__red_file', '{}', ...config], options);
    expect(code).toBe(1);
    expect(stdout).toContain('filesystem__read_file');
  });
});

describe('run', () => {
  const answering = async (
    args: readonly string[],
    script: Parameters<typeof startModelServer>[0]['script'],
    more = {},
  ) => {
    await using model = await startModelServer({ script });
    const models = {
      default: { model: 'anthropic/scripted', baseUrl: model.url, apiKey: 'sk-test-abcdefghijklmnop' },
    };
    await writeFile(join(options.cwd, 'model.json'), JSON.stringify({ ...CONFIG, models }));
    return await switchyard(['run', ...args, '--config', 'model.json'], { ...options, ...more });
  };

  test('stdout carries the answer and nothing else', async () => {
    const finished = await answering(['What does the note say?'], (_request, n) =>
      n === 0
        ? {
            type: 'answer',
            text: 'Let me look.',
            toolCalls: [{ name: 'filesystem__read_file', arguments: { path: 'note.txt' } }],
          }
        : { type: 'answer', text: 'It says: first line.' },
    );
    expect(finished).toMatchObject({ code: 0, stdout: 'It says: first line.\n' });
    expect(finished.stderr).toContain('filesystem__read_file');
  });

  test('--json writes one event a line, numbered without gaps', async () => {
    const { stdout } = await answering(['Hello', '--json'], () => ({ type: 'answer', text: 'Hello there.' }));
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; number?: number });
    const numbers = events.flatMap(({ number }) => (number === undefined ? [] : [number]));
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(events.at(-1)).toMatchObject({ type: 'run-end', outcome: 'done' });
    expect(events.some(({ type }) => type === 'text-delta')).toBe(true);
  });

  test('- reads the request from stdin', async () => {
    const { stdout } = await answering(
      ['-'],
      (request) => ({ type: 'answer', text: `You said: ${request.userText}` }),
      { input: 'from a pipe' },
    );
    expect(stdout).toBe('You said: from a pipe\n');
  });

  test('a limit ends with 3, a failure with 1', async () => {
    const looping = await answering(['Go', '--max-turns', '2'], (_request, n) => ({
      type: 'answer',
      toolCalls: [{ name: 'filesystem__list_directory', arguments: { path: '.', startAt: n } }],
    }));
    expect(looping.code).toBe(3);
    expect(looping.stderr).toContain('2 turns');
    const failing = await answering(['Go'], () => ({ type: 'failure', status: 401, message: 'bad key' }));
    expect(failing.code).toBe(1);
    expect(failing.stderr).not.toContain('sk-test-abcdefghijklmnop');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends the run and leaves no process behind',
    async (name) => {
      let sent = false;
      const finished = await answering(
        ['Talk'],
        (_request, n) =>
          n === 0
            ? {
                type: 'answer',
                toolCalls: [{ name: 'filesystem__read_file', arguments: { path: 'note.txt' } }],
              }
            : { type: 'silence' },
        {
          onOutput: ({ stderr }: { stderr: string }, signal: (name: NodeJS.Signals) => void) => {
            if (sent || !stderr.includes('✓ filesystem__read_file')) return;
            sent = true;
            signal(name);
          },
        },
      );
      expect(finished.code).toBe(130);
      expect(processesOf(options.home)).toEqual([]);
    },
  );

  test('without a model it quotes, and says that it does', async () => {
    const cwd = join(folder.path, 'library');
    await mkdir(join(cwd, 'docs'), { recursive: true });
    await writeFile(
      join(cwd, 'docs', 'harbour.md'),
      '# Harbour\n\nThe harbour master of Port Ellen is called Moira.\n\nShips wait at buoy seven.\n',
    );
    const asked = await switchyard(['run', 'Who is the harbour master of Port Ellen?'], { ...options, cwd });
    expect(asked.code).toBe(0);
    expect(asked.stdout).toMatch(
      /not an answer\.\n\nThe harbour master of Port Ellen is called Moira\.\n {2}— docs\/harbour\.md:3\n/,
    );
    await appendFile(join(cwd, 'docs', 'harbour.md'), '\nThe lighthouse was built in 1832.\n');
    const again = await switchyard(['run', 'When was the lighthouse built?'], { ...options, cwd });
    expect(again.stdout).toMatch(/The lighthouse was built in 1832\.\n {2}— docs\/harbour\.md:7/);
  });

  test('piped lines are a conversation', async () => {
    await using model = await startModelServer({
      script: (request) => ({ type: 'answer', text: `${request.userText}!` }),
    });
    const models = { default: { model: 'openai/scripted', baseUrl: model.openaiUrl, apiKey: 'k' } };
    await writeFile(join(options.cwd, 'talk.json'), JSON.stringify({ ...CONFIG, models }));
    const { stdout } = await switchyard(['chat', '--config', 'talk.json'], {
      ...options,
      input: 'one\ntwo\n',
    });
    expect(stdout).toBe('one!\ntwo!\n');
    expect(JSON.stringify(model.requests[1]?.body)).toContain('one!');
  });
});

test.skipIf(process.platform === 'win32')(
  'a home folder that is made is readable by its owner alone',
  async () => {
    const home = join(folder.path, 'fresh', 'home');
    expect((await switchyard(['config', 'schema'], { ...options, home })).code).toBe(0);
    expect((await stat(home)).mode & 0o777).toBe(0o700);
  },
);

test('a home folder that cannot be written ends with a message and not with a stack', async () => {
  await writeFile(join(folder.path, 'a-file'), '');
  const { code, stderr } = await switchyard(['servers', ...config], {
    ...options,
    env: { SWITCHYARD_HOME: join(folder.path, 'a-file', 'home') },
  });
  expect(code).not.toBe(0);
  expect(stderr).toContain('SWITCHYARD_HOME');
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('no secret of config or environment reaches the logs', async () => {
  const names = await readdir(join(options.home, 'logs'));
  expect(names.length).toBeGreaterThan(0);
  for (const name of names) {
    expect(await readFile(join(options.home, 'logs', name), 'utf8')).not.toContain(
      'sk-test-abcdefghijklmnop',
    );
  }
});

/** Processes whose environment or command line names this home folder. */
function processesOf(home: string): string[] {
  const lines = execFileSync('ps', ['-eo', 'pid,args', 'e'], {
    encoding: 'utf8',
    maxBuffer: 64_000_000,
  }).split('\n');
  return lines.filter(
    (line) => line.includes(`SWITCHYARD_HOME=${home}`) && !line.includes('embedder-process'),
  );
}
