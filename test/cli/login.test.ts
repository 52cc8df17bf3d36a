/** `switchyard login` and `logout` as a person calls them, each a process of its own. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { openerOf } from '../../src/host/cli/open-browser.ts';
import { type CommandOptions, PROGRAM, switchyard } from '../fixtures/command-line.ts';
import { OAuthServer, redirectOf, sayYes } from '../fixtures/oauth-server.ts';
import { openProgram } from '../fixtures/terminal.ts';

class Desk implements Disposable {
  readonly home = mkdtempSync(join(tmpdir(), 'switchyard-login-'));
  readonly config = join(this.home, 'config.json');

  constructor(url: string) {
    writeFileSync(this.config, JSON.stringify({ mcpServers: { notes: { url } } }));
  }

  run(args: readonly string[], more: Partial<CommandOptions> = {}) {
    return switchyard([...args, '--config', this.config], { cwd: this.home, home: this.home, ...more });
  }

  /** Logs in, and says yes to the page that the program names. */
  login(args: readonly string[] = []) {
    let told = false;
    return this.run(['login', 'notes', '--no-browser', ...args], {
      onOutput: ({ stderr }) => {
        const url = /http:\S+\/authorize\S+/.exec(stderr)?.[0];
        if (url === undefined || told || !stderr.includes('Waiting')) return;
        told = true;
        void sayYes(url);
      },
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true, maxRetries: 3 });
  }
}

test('login names the page, says what it got, and the next command is let in; logout ends that', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  const before = await desk.run(['call', 'notes__read']);
  expect(before.stderr).toContain("'notes' needs a login: switchyard login notes");
  expect(before.code).toBe(1);
  expect((await desk.run(['servers'])).stderr).toContain('notes is degraded');
  const doctor = await desk.run(['doctor']);
  expect(doctor.stdout).toContain("server notes: degraded: 'notes' needs a login: switchyard login notes");

  const login = await desk.login();
  expect(login).toMatchObject({ code: 0 });
  expect(login.stdout).toContain(
    `Logged in to 'notes' by ${server.issuer}, with the rights notes:read, until `,
  );
  expect(login.stdout).toContain('It offers 2 tools, 0 resources and 0 prompts.');
  expect(await desk.run(['call', 'notes__read', '--yes'])).toMatchObject({
    code: 0,
    stdout: 'read is done\n',
  });

  const logout = await desk.run(['logout', 'notes']);
  expect(logout).toMatchObject({ code: 0, stdout: expect.stringContaining('Its access was revoked') });
  expect((await desk.run(['call', 'notes__read', '--yes'])).stderr).toContain('switchyard login notes');
  const logs = join(desk.home, 'logs');
  const written = readdirSync(logs).map((file) => readFileSync(join(logs, file), 'utf8'));
  expect(written.join('')).not.toMatch(/access-|refresh-/);
});

test('processes that find the access ended at the same time renew it once', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  await desk.login();
  const before = server.count('/token');
  server.endAccess();
  const calls = await Promise.all(
    Array.from({ length: 3 }, () => desk.run(['call', 'notes__read', '--yes'])),
  );
  for (const call of calls) expect(call).toMatchObject({ code: 0, stdout: 'read is done\n' });
  // A token that renews is good once: a second use would have ended every login.
  expect(server.count('/token')).toBe(before + 1);
});

test('login and logout write their outcome as JSON', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  const login = JSON.parse((await desk.login(['--json'])).stdout) as object;
  expect(login).toEqual({
    server: 'notes',
    issuer: server.issuer,
    scopes: ['notes:read'],
    renewable: true,
    expiresAt: expect.stringMatching(/^\d{4}-.*Z$/),
    state: 'ready',
    counts: { tools: 2, resources: 0, prompts: 0 },
  });
  const logout = await desk.run(['logout', 'notes', '--json']);
  expect(JSON.parse(logout.stdout)).toEqual({ server: 'notes', wasLoggedIn: true, revocation: 'done' });
});

test('at a terminal the address is pasted that a browser elsewhere was sent to', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  const args = [PROGRAM, 'login', 'notes', '--no-browser', '--config', desk.config];
  const size = { columns: 1_000, rows: 30 };
  await using terminal = openProgram(process.execPath, args, { cwd: desk.home, home: desk.home, ...size });
  await terminal.waitFor('Waiting');
  const url = /http:\S+\/authorize\S+/.exec(terminal.text())?.[0] ?? '';
  terminal.type(`${await redirectOf(url)}\r`);
  await terminal.waitFor("Logged in to 'notes'");
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
});

test('Ctrl-C gives a login up and leaves nothing', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  let told = false;
  const given = await desk.run(['login', 'notes', '--no-browser'], {
    onOutput: ({ stderr }, signal) => {
      if (told || !stderr.includes('Waiting')) return;
      told = true;
      signal('SIGINT');
    },
  });
  expect(given.code).toBe(130);
  expect(server.count('/token')).toBe(0);
});

test('a server that is unknown, or that is a local program, is wrong usage', async () => {
  await using server = await OAuthServer.start();
  using desk = new Desk(server.url);
  const unknown = await desk.run(['login', 'nots']);
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('log in to: notes') });
});

test('a browser is opened by the platform, without a shell, and only where somebody would see it', () => {
  expect(openerOf('darwin', {})).toEqual(['open']);
  expect(openerOf('win32', {})).toEqual(['rundll32', 'url.dll,FileProtocolHandler']);
  expect(openerOf('linux', {})).toBeUndefined();
  expect(openerOf('linux', { DISPLAY: ':0' })).toEqual(['xdg-open']);
});
