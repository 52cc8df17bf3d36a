import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { CLIENT_CONFIGS, GITHUB_TOKEN } from '../fixtures/client-configs.ts';
import { putConfig } from '../fixtures/client-folders.ts';
import { type CommandOptions, PROGRAM, switchyard } from '../fixtures/command-line.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

interface Surroundings extends CommandOptions {
  /** Claude Desktop's config. */
  readonly file: string;
}

async function surroundings(path: string): Promise<Surroundings> {
  const [cwd, home] = [join(path, 'work'), join(path, 'home')];
  await Promise.all([mkdir(cwd), mkdir(home)]);
  await writeFile(join(cwd, 'mine.json'), '{ "mcpServers": { "memory": { "builtin": "memory" } } }');
  const place = { platform: 'linux', home, env: {}, workingFolder: cwd } as const;
  return { cwd, home, file: await putConfig(place, 'claude-desktop', CLIENT_CONFIGS['claude-desktop']) };
}

describe('switchyard install and uninstall', () => {
  test('write an entry that names everything absolutely, with a copy beside, and take it out again', async () => {
    await using folder = await temporaryFolder('install');
    const options = await surroundings(folder.path);
    const installed = await switchyard(['install', 'claude', '--config', 'mine.json'], options);
    expect(installed).toMatchObject({ code: 0, stdout: '' });
    expect(installed.stderr).toContain(`As it was: ${options.file}.before-switchyard.`);
    const { switchyard: entry, ...others } = JSON.parse(await readFile(options.file, 'utf8')).mcpServers;
    expect(Object.keys(others)).toEqual(['filesystem', 'github']);
    expect(entry).toEqual({
      command: expect.stringMatching(/^\/.*node$/),
      args: [PROGRAM, 'serve', '--stdio', '--config', join(options.cwd, 'mine.json')],
      env: { SWITCHYARD_HOME: options.home },
    });
    const again = await switchyard(['install', 'claude', '--config', 'mine.json'], options);
    expect(again.stderr).toContain('has it already');
    const gone = await switchyard(['uninstall', 'claude'], options);
    expect(gone).toMatchObject({ code: 0, stderr: expect.stringContaining('is without it') });
    expect(await readFile(options.file, 'utf8')).toBe(CLIENT_CONFIGS['claude-desktop']);
    expect(await readdir(join(options.home, '.config', 'Claude'))).toEqual(['claude_desktop_config.json']);
    const twice = await switchyard(['uninstall', 'claude'], options);
    expect(twice).toMatchObject({ code: 0, stderr: expect.stringContaining(`Looked into ${options.file}`) });
  });

  test('--dry-run prints the change and makes none, and shows no secret', async () => {
    await using folder = await temporaryFolder('install');
    const options = await surroundings(folder.path);
    const args = ['claude', '--dry-run'];
    const planned = await switchyard(['install', ...args, '--config', 'mine.json'], options);
    expect(planned.stdout).toContain('+    "switchyard": {');
    expect(planned.stdout).not.toContain(GITHUB_TOKEN);
    expect(await readFile(options.file, 'utf8')).toBe(CLIENT_CONFIGS['claude-desktop']);
    await switchyard(['install', 'claude', '--config', 'mine.json'], options);
    const removed = await switchyard(['uninstall', ...args], options);
    expect(removed.stdout).toContain('-    "switchyard": {');
    expect(await readFile(options.file, 'utf8')).toContain('switchyard');
    const json = await switchyard(['uninstall', ...args, '--json'], options);
    expect(JSON.parse(json.stdout)).toEqual([{ file: options.file, changed: true, written: false }]);
  });

  test('without a config to serve, or with one that nobody accepted, nothing is written', async () => {
    await using folder = await temporaryFolder('install');
    const options = await surroundings(folder.path);
    const without = await switchyard(['install', 'claude'], options);
    expect(without).toMatchObject({ code: 2, stderr: expect.stringContaining('switchyard import') });
    await writeFile(join(options.cwd, 'mcp.config.json'), '{ "mcpServers": { "x": { "command": "x" } } }');
    const untrusted = await switchyard(['install', 'claude'], options);
    expect(untrusted).toMatchObject({ code: 2, stderr: expect.stringContaining('config trust') });
    const missing = await switchyard(['install', 'claude', '--config', 'none.json'], options);
    expect(missing.code).toBe(2);
    const unknown = await switchyard(['install', 'emacs', '--config', 'mine.json'], options);
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('claude-desktop, claude-code'),
    });
    expect(await readFile(options.file, 'utf8')).toBe(CLIENT_CONFIGS['claude-desktop']);
  });

  test('a folder that may not be written is told, and nothing is left behind', async () => {
    await using folder = await temporaryFolder('install');
    const options = await surroundings(folder.path);
    const claude = join(options.home, '.config', 'Claude');
    await chmod(folder.path, 0o755);
    await chmod(claude, 0o555);
    // For an administrator there is no folder that may not be written.
    const isAdministrator = process.getuid?.() === 0;
    if (isAdministrator) await chown(options.home, 65_534, 65_534);
    const asUser = isAdministrator ? { ...options, uid: 65_534 } : options;
    const { code, stderr } = await switchyard(['install', 'claude', '--config', 'mine.json'], asUser);
    expect(code).toBe(1);
    expect(stderr).toMatch(/claude_desktop_config\.json cannot be written: EACCES.*Nothing was changed/);
    await chmod(claude, 0o755);
    expect(await readdir(claude)).toEqual(['claude_desktop_config.json']);
    expect(await readdir(options.home)).not.toContain('installs.json');
  });
});
