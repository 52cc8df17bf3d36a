import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { withAdvice } from '../../src/host/cli/advice.ts';
import { switchyard } from '../fixtures/command-line.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

test('doctor says of each server that failed what to do about it', async () => {
  await using folder = await temporaryFolder('doctor');
  const server = createServer((request, response) => {
    response.writeHead(Number(request.url?.slice(1)), { 'content-type': 'text/html' }).end('<h1>no</h1>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const config = {
    mcpServers: {
      missing: { command: 'no-such-program-xyz' },
      exits: { command: process.execPath, args: ['-e', 'process.exit(3)'] },
      folder: { command: folder.path },
      login: { url: `${url}/401` },
      page: { url: `${url}/200` },
      path: { url: `${url}/404` },
      ill: { url: `${url}/500` },
      encrypted: { url: `https://127.0.0.1:${port}/200` },
      nobody: { url: 'http://127.0.0.1:9/mcp' },
      unset: { command: 'x', env: { A: '${NOT_SET_ANYWHERE}' } },
    },
  };
  await writeFile(join(folder.path, 'c.json'), JSON.stringify(config));
  const { code, stdout } = await switchyard(['doctor', '--config', 'c.json', '--json'], {
    cwd: folder.path,
    home: join(folder.path, 'home'),
  });
  server.close();
  expect(code).toBe(1);
  const findings = JSON.parse(stdout) as { what: string; detail: string }[];
  const told = Object.fromEntries(
    findings
      .filter(({ what }) => what.startsWith('server '))
      .map(({ what, detail }) => [what.slice(7), detail]),
  );
  expect(told).toEqual({
    missing: expect.stringMatching(/Check 'command', 'cwd' and the PATH\.$/),
    exits: expect.stringMatching(/exited with code 3\. Run its command in a terminal to see why/),
    folder: expect.stringMatching(/EACCES.*Check that 'command' names a program that may be executed\.$/),
    login: expect.stringMatching(/needs a login: switchyard login login\. .*set it in 'headers'\.$/),
    page: expect.stringMatching(/no MCP server, or another path of it: check 'url'\.$/),
    path: expect.stringMatching(/no MCP server, or another path of it: check 'url'\.$/),
    ill: expect.stringMatching(/HTTP 500\. The server itself fails/),
    encrypted: expect.stringMatching(/check http and https in 'url'/),
    nobody: expect.stringMatching(/Nothing answers there: start the server, or check 'url'\.$/),
    unset: expect.stringMatching(/NOT_SET_ANYWHERE is not set\. Set it, or write/),
  });
});

test('a reason that nobody knows stays as it is', () => {
  expect(withAdvice('It sulks.')).toBe('It sulks.');
  expect(withAdvice('It did not complete the handshake within 30000 ms.')).toContain('npx, uvx, docker');
  expect(withAdvice('fetch failed (getaddrinfo ENOTFOUND nowhere.invalid)')).toContain(
    'No such host is known',
  );
});
