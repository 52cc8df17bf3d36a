import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import type { ClientId } from '../../src/clients/client.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { CLIENT_CONFIGS, GITHUB_TOKEN } from '../fixtures/client-configs.ts';
import { placeIn, planFor, putConfig } from '../fixtures/client-folders.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

async function imported(id: ClientId, text = CLIENT_CONFIGS[id]) {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  await putConfig(place, id, text);
  const plan = await planFor(place, [id]);
  return {
    plan,
    servers: Object.fromEntries(plan.added.map(({ name, entry }) => [name, entry])),
    variables: Object.fromEntries(plan.variables.map(({ name, because }) => [name, because])),
  };
}

describe('the servers of each client, in our words:', () => {
  test('Claude Desktop', async () => {
    const { servers, variables, plan } = await imported('claude-desktop');
    expect(servers).toEqual({
      filesystem: {
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-filesystem', '/Users/username/Desktop'],
      },
      github: {
        command: 'npx',
        args: ['-y', '@modelcontextprotocol/server-github'],
        env: { GITHUB_PERSONAL_ACCESS_TOKEN: '${GITHUB_PERSONAL_ACCESS_TOKEN}' },
      },
    });
    expect(variables).toEqual({
      GITHUB_PERSONAL_ACCESS_TOKEN: expect.stringMatching(
        /its value stands in .*claude_desktop_config\.json, github: env\.GITHUB_PERSONAL_ACCESS_TOKEN$/,
      ),
    });
    expect(JSON.stringify(plan)).not.toContain(GITHUB_TOKEN);
  });

  test('Claude Code: those of all work and of this folder; those of another folder are named', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    const text = CLIENT_CONFIGS['claude-code'].replace('/home/someone/work', place.workingFolder);
    await putConfig(place, 'claude-code', text);
    const plan = await planFor(place, ['claude-code']);
    expect(Object.fromEntries(plan.added.map(({ name, entry }) => [name, entry]))).toEqual({
      sentry: { url: 'https://mcp.sentry.dev/mcp' },
      api: {
        url: '${API_BASE_URL:-https://api.example.com}/mcp',
        headers: { Authorization: 'Bearer ${API_KEY}' },
      },
      playwright: { command: 'npx', args: ['@playwright/mcp@latest'] },
    });
    expect(plan.variables).toMatchObject([
      { name: 'API_KEY', because: 'Claude Code takes it from its environment' },
    ]);
  });

  test('Cursor', async () => {
    const { servers } = await imported('cursor');
    expect(servers).toEqual({
      local: {
        command: 'python',
        args: ['${workspaceFolder}/tools/mcp_server.py'],
        env: { API_KEY: '${API_KEY}' },
        envFile: '${userHome}/.env',
      },
      remote: {
        url: 'https://api.example.com/mcp',
        headers: { Authorization: 'Bearer ${MY_SERVICE_TOKEN}', 'X-Custom-Header': 'some-value' },
      },
    });
  });

  test('VS Code: what it asks for becomes a variable, with the default that it has', async () => {
    const { servers, variables, plan } = await imported('vscode');
    expect(servers).toEqual({
      perplexity: {
        command: 'npx',
        args: ['-y', 'server-perplexity-ask', '--region', '${REGION:-eu}'],
        env: { PERPLEXITY_API_KEY: '${PERPLEXITY_KEY}' },
      },
      github: { url: 'https://api.githubcopilot.com/mcp/' },
    });
    expect(variables).toEqual({ PERPLEXITY_KEY: 'VS Code asks for it: Perplexity API Key' });
    expect(plan.ignored).toEqual(['perplexity.dev (VS Code)']);
  });

  test('Windsurf: what it reads from a file becomes a variable', async () => {
    const { servers, variables } = await imported('windsurf');
    expect(servers).toEqual({
      'remote-http-mcp': {
        url: 'https://example.com/mcp',
        headers: { API_KEY: 'Bearer ${AUTH_TOKEN}' },
        tools: { deny: ['delete_all'] },
      },
      notes: { command: 'notes-mcp', env: { NOTES_KEY: '${NOTES_KEY}' }, disabled: true },
    });
    expect(variables).toMatchObject({
      NOTES_KEY: 'Windsurf reads it from the file /home/someone/.notes-key',
    });
  });

  test('Zed: comments, both shapes of a command; an extension is left out and said', async () => {
    const { servers, plan } = await imported('zed');
    expect(servers).toEqual({
      'local-mcp-server': { command: 'some-command', args: ['arg-1', 'arg-2'] },
      old: { command: 'uv', args: ['run', 'server'], env: { MODE: 'plain' } },
      'remote-mcp-server': {
        url: 'https://example.com/mcp',
        headers: { Authorization: 'Bearer ${REMOTE_MCP_SERVER_TOKEN}' },
      },
    });
    expect(plan.skipped).toMatchObject([
      { from: { name: 'mcp-server-postgres' }, reason: 'Zed alone knows how to start it' },
    ]);
  });

  test('Gemini CLI: $NAME, milliseconds, lists of tools', async () => {
    const { servers, plan } = await imported('gemini');
    expect(servers).toEqual({
      pythonTools: {
        command: 'python',
        args: ['-m', 'my_mcp_server', '--port', '8080'],
        cwd: './mcp-servers/python',
        env: { DATABASE_URL: '${DB_CONNECTION_STRING}', API_KEY: '${EXTERNAL_API_KEY}' },
        timeoutMs: 1500,
        tools: { allow: ['safe_tool'], deny: ['dangerous_tool'] },
      },
      httpServer: { url: 'http://localhost:3000/mcp', timeoutMs: 5000 },
      sseServer: { url: 'http://localhost:8080/sse' },
    });
    expect(plan.ignored).toEqual(['pythonTools.trust (Gemini CLI)']);
  });

  test('Codex: TOML, and variables by their names', async () => {
    const { servers, plan } = await imported('codex');
    expect(servers).toEqual({
      context7: {
        command: 'npx',
        args: ['-y', '@upstash/context7-mcp'],
        env: { CONTEXT7_API_KEY: '${CONTEXT7_API_KEY}', OTHER: '${OTHER}', MY_ENV_VAR: 'MY_ENV_VALUE' },
      },
      figma: {
        url: 'https://mcp.figma.com/mcp',
        headers: {
          'X-Figma-Region': 'us-east-1',
          'X-Account': '${FIGMA_ACCOUNT}',
          Authorization: 'Bearer ${FIGMA_OAUTH_TOKEN}',
        },
      },
      chrome_devtools: {
        url: 'http://localhost:3000/mcp',
        disabled: true,
        timeoutMs: 45_500,
        tools: { allow: ['open', 'screenshot'], deny: ['screenshot'] },
      },
    });
    expect(plan.ignored).toEqual(['context7.startup_timeout_sec (Codex)']);
    expect(plan.remarks).toEqual(["Codex's server 'chrome devtools' is called 'chrome_devtools' here"]);
  });

  test('Cline: seconds, and an unnamed key of hexadecimal digits', async () => {
    const { servers, plan } = await imported('cline');
    expect(servers).toEqual({
      weather: {
        command: 'node',
        args: ['/home/someone/weather/build/index.js'],
        env: { OPENWEATHER_API_KEY: '${OPENWEATHER_API_KEY}' },
        timeoutMs: 120_000,
      },
      remote: { url: 'https://mcp.example.com/mcp' },
    });
    expect(plan.ignored).toEqual(['weather.autoApprove (Cline)', 'remote.autoApprove (Cline)']);
  });

  test('LM Studio', async () => {
    const { servers } = await imported('lmstudio');
    expect(servers).toEqual({
      'hf-mcp-server': {
        url: 'https://huggingface.co/mcp',
        headers: { Authorization: 'Bearer ${HF_MCP_SERVER_TOKEN}' },
      },
    });
  });
});

test('what an import writes is a config that loads, with a definition for each server', async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  const ids = Object.keys(CLIENT_CONFIGS) as ClientId[];
  for (const id of ids) await putConfig(place, id, CLIENT_CONFIGS[id]);
  const plan = await planFor(place, ids);
  const file = join(folder.path, 'mcp.config.json');
  const { writeFile } = await import('node:fs/promises');
  await writeFile(file, plan.text);
  await writeFile(join(folder.path, '.env'), '');
  const env = Object.fromEntries(plan.variables.map(({ name }) => [name, 'x']));
  const config = await loadConfig({
    configFile: file,
    workingFolder: folder.path,
    homeFolder: folder.path,
    env,
  });
  const broken = config.servers.filter((server) => server.type === 'invalid');
  // The file of variables that Cursor's entry names is in nobody's home folder here.
  expect(broken.map(({ name }) => name)).toEqual(['local']);
  expect(config.servers).toHaveLength(plan.added.length);
  expect(config.notices.filter(({ message }) => message.includes('no effect'))).toEqual([]);
});
