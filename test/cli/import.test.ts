import { chmod, chown, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { CLIENT_CONFIGS, GITHUB_TOKEN } from '../fixtures/client-configs.ts';
import { putConfig } from '../fixtures/client-folders.ts';
import { type CommandOptions, PROGRAM, switchyard } from '../fixtures/command-line.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';
import { openProgram } from '../fixtures/terminal.ts';

interface Surroundings extends CommandOptions {
  /** Our config in the working folder. */
  readonly config: string;
  put(id: Parameters<typeof putConfig>[1], text: string | Buffer): Promise<string>;
}

async function surroundings(path: string): Promise<Surroundings> {
  const [cwd, home] = [join(path, 'work'), join(path, 'home')];
  await Promise.all([mkdir(cwd), mkdir(home)]);
  return {
    cwd,
    home,
    config: join(cwd, 'mcp.config.json'),
    put: (id, text) => putConfig({ platform: 'linux', home, env: {}, workingFolder: cwd }, id, text),
  };
}

describe('switchyard import', () => {
  test('shows the change, writes it with --yes, and says which variables to set', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('claude-desktop', CLIENT_CONFIGS['claude-desktop']);
    const { code, stdout, stderr } = await switchyard(['import', '--yes'], options);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toContain('+++ ');
    expect(stderr).toContain('+    "filesystem": {');
    expect(stderr).toMatch(/Added to .*mcp\.config\.json: filesystem, github\./);
    expect(stderr).toMatch(
      /Set GITHUB_PERSONAL_ACCESS_TOKEN for github \(its value stands in .*claude_desktop/,
    );
    const written = await readFile(options.config, 'utf8');
    expect(Object.keys(JSON.parse(written).mcpServers)).toEqual(['filesystem', 'github']);
    expect(stderr + written).not.toContain(GITHUB_TOKEN);
    expect(await readdir(options.cwd)).toEqual(['mcp.config.json']);
    const again = await switchyard(['import', '--yes'], options);
    expect(again.stderr).toMatch(
      /There already: github of Claude Desktop is the same as github\.\n.*Nothing to add/s,
    );
    expect(await readFile(options.config, 'utf8')).toBe(written);
  });

  test('--dry-run prints the change on stdout and writes nothing', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('zed', CLIENT_CONFIGS.zed);
    const { code, stdout, stderr } = await switchyard(['import', 'zed', '--dry-run'], options);
    expect(code).toBe(0);
    expect(stdout).toContain('+    "remote-mcp-server": {');
    expect(stderr).toContain('Left out: mcp-server-postgres of Zed: Zed alone knows how to start it.');
    expect(await readdir(options.cwd)).toEqual([]);
  });

  test('without a terminal and --yes it writes nothing and ends with exit code 2', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('cursor', CLIENT_CONFIGS.cursor);
    const { code, stderr } = await switchyard(['import'], options);
    expect(code).toBe(2);
    expect(stderr).toContain('--yes');
    expect(await readdir(options.cwd)).toEqual([]);
  });

  test('a yes at the terminal writes it and accepts what it starts', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('lmstudio', CLIENT_CONFIGS.lmstudio);
    await using terminal = openProgram(process.execPath, [PROGRAM, 'import'], {
      ...options,
      columns: 100,
      rows: 40,
    });
    await terminal.waitFor('Write it, and accept what it starts and reaches? [y/N]');
    terminal.type('y');
    terminal.press('enter');
    expect((await terminal.ended).exitCode).toBe(0);
    const checked = await switchyard(['config', 'check', '--json'], {
      ...options,
      env: { HF_MCP_SERVER_TOKEN: 'x' },
    });
    expect(JSON.parse(checked.stdout)).toMatchObject({
      origin: 'working-folder',
      servers: [{ name: 'hf-mcp-server', type: 'http' }],
    });
  });

  test('what --yes writes is accepted by nobody, nor is the rest of a config by a yes to the change', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('lmstudio', CLIENT_CONFIGS.lmstudio);
    await switchyard(['import', '--yes'], options);
    const checked = await switchyard(['config', 'check'], options);
    expect(checked).toMatchObject({ code: 2, stderr: expect.stringContaining('switchyard config trust') });
    await options.put('windsurf', CLIENT_CONFIGS.windsurf);
    await using terminal = openProgram(process.execPath, [PROGRAM, 'import'], {
      ...options,
      columns: 100,
      rows: 60,
    });
    await terminal.waitFor('Write it? [y/N]');
    terminal.type('y');
    terminal.press('enter');
    expect((await terminal.ended).exitCode).toBe(0);
    expect((await switchyard(['config', 'check'], options)).code).toBe(2);
  });

  test('--json tells all of it, and no secret', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    const file = await options.put('claude-desktop', CLIENT_CONFIGS['claude-desktop']);
    const { code, stdout } = await switchyard(['import', 'claude', '--dry-run', '--json'], options);
    expect(code).toBe(0);
    expect(stdout).not.toContain(GITHUB_TOKEN);
    expect(JSON.parse(stdout)).toMatchObject({
      file: options.config,
      written: false,
      found: [file],
      added: [{ name: 'filesystem', from: { client: 'claude-desktop', file } }, { name: 'github' }],
      variables: [{ name: 'GITHUB_PERSONAL_ACCESS_TOKEN', server: 'github', isSet: false }],
    });
  });

  test('our config keeps its comments, its line ends and its byte order mark, and its secrets are not shown', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('lmstudio', CLIENT_CONFIGS.lmstudio);
    const file = join(options.cwd, 'mine.json');
    const before = `\uFEFF{\r\n  "mcpServers": {\r\n    // mine\r\n    "gh": { "command": "gh", "env": { "T": "${GITHUB_TOKEN}" } }\r\n  }\r\n}\r\n`;
    await writeFile(file, before);
    const { stdout, stderr } = await switchyard(['import', '--config', 'mine.json', '--yes'], options);
    expect(stdout + stderr).not.toContain(GITHUB_TOKEN);
    const after = await readFile(file, 'utf8');
    expect(after.startsWith('\uFEFF{\r\n  "mcpServers": {\r\n    // mine\r\n    "gh": ')).toBe(true);
    expect(after).not.toMatch(/[^\r]\n/);
    expect(after).toContain(`"${GITHUB_TOKEN}" } },\r\n    "hf-mcp-server": {\r\n`);
  });
});

describe('what goes wrong', () => {
  test('a broken file is left alone and told with its place, and the others are imported', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    const broken = '{\n  "mcpServers": {\n    "a": { "command" "x" }\n';
    const file = await options.put('cursor', broken);
    await options.put('codex', '[mcp_servers.a]\ncommand = \n');
    await options.put('gemini', Buffer.from([0xff, 0xfe, 0x7b, 0x00]));
    await options.put('lmstudio', CLIENT_CONFIGS.lmstudio);
    const { code, stderr } = await switchyard(['import', '--yes'], options);
    expect(code).toBe(0);
    expect(stderr).toContain(`Left alone: ${file}: line 3, column 22: expected a colon after the key.`);
    expect(stderr).toMatch(/Left alone: .*config\.toml: line 2, column \d+: /);
    expect(stderr).toMatch(/Left alone: .*settings\.json: it is no UTF-8 text\./);
    expect(await readFile(file, 'utf8')).toBe(broken);
    const named = await switchyard(['import', 'cursor', '--yes'], options);
    expect(named).toMatchObject({ code: 1, stderr: expect.stringContaining('line 3, column 22') });
  });

  test('a client that is not here says where was looked, and an unknown one which there are', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    const missing = await switchyard(['import', 'zed'], options);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(`Looked for ${join(options.home, '.config/zed/settings.json')}`);
    const unknown = await switchyard(['import', 'curser'], options);
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toContain("Did you mean 'cursor'?");
    const none = await switchyard(['import'], options);
    expect(none).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('.codeium/windsurf/mcp_config.json'),
    });
  });

  test('our config is left as it is where it is broken', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('cursor', CLIENT_CONFIGS.cursor);
    await writeFile(options.config, '{ "mcpServers": [');
    const { code, stderr } = await switchyard(['import', '--yes'], options);
    expect(code).toBe(2);
    expect(stderr).toMatch(/mcp\.config\.json cannot be added to, and is left as it is: line 1/);
    expect(await readFile(options.config, 'utf8')).toBe('{ "mcpServers": [');
  });

  test('a config that is a link stays one, and one that leads nowhere is told', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    await options.put('cursor', CLIENT_CONFIGS.cursor);
    const real = join(folder.path, 'real.json');
    await symlink(real, options.config);
    const nowhere = await switchyard(['import', '--yes'], options);
    expect(nowhere.stderr).toContain('it is a link to a file that is not there');
    await writeFile(real, '{}\n');
    expect((await switchyard(['import', '--yes'], options)).code).toBe(0);
    expect((await lstat(options.config)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain('"remote"');
  });

  test('what may not be read or written is told, and nothing changes', async () => {
    await using folder = await temporaryFolder('import');
    const options = await surroundings(folder.path);
    const file = await options.put('cursor', CLIENT_CONFIGS.cursor);
    await options.put('lmstudio', CLIENT_CONFIGS.lmstudio);
    await chmod(file, 0o000);
    await chmod(folder.path, 0o755);
    await chmod(options.cwd, 0o555);
    // For an administrator there is no file that may not be read.
    const isAdministrator = process.getuid?.() === 0;
    if (isAdministrator) await chown(options.home, NOBODY, NOBODY);
    const asUser = isAdministrator ? { ...options, uid: NOBODY } : options;
    const { code, stderr } = await switchyard(['import', '--yes'], asUser);
    expect(code).toBe(1);
    expect(stderr).toMatch(/Left alone: .*\.cursor\/mcp\.json: EACCES/);
    expect(stderr).toMatch(/mcp\.config\.json cannot be written: EACCES.*Nothing was changed/);
    await chmod(options.cwd, 0o755);
    expect(await readdir(options.cwd)).toEqual([]);
  });
});

const NOBODY = 65_534;
