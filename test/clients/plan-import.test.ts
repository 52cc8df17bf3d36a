import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { GITHUB_TOKEN } from '../fixtures/client-configs.ts';
import { placeIn, planFor, putConfig } from '../fixtures/client-folders.ts';
import { temporaryFolder } from '../fixtures/temporary-folder.ts';

const OTHER_TOKEN = 'ghp_Ab12Cd34Ef56Gh78Ij90Kl12Mn34Op56Qr78';

function servers(entries: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ mcpServers: entries });
}

function github(token: string) {
  return { command: 'npx', args: ['-y', 'server-github'], env: { GITHUB_TOKEN: token } };
}

describe('the same server', () => {
  test('is added once, whatever each client calls it and however it writes it', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(place, 'cursor', servers({ github: { type: 'stdio', ...github(GITHUB_TOKEN) } }));
    await putConfig(
      place,
      'windsurf',
      servers({ gh: github(GITHUB_TOKEN), docs: { serverUrl: 'https://a.b/mcp' } }),
    );
    await putConfig(place, 'gemini', servers({ documentation: { httpUrl: 'https://a.b/mcp/' } }));
    const plan = await planFor(place, ['cursor', 'windsurf', 'gemini']);
    expect(plan.added.map(({ name }) => name)).toEqual(['github', 'docs']);
    expect(plan.present.map(({ name, from }) => [from.name, name])).toEqual([
      ['gh', 'github'],
      ['documentation', 'docs'],
    ]);
  });

  test('twice in one file is added once', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(place, 'cursor', servers({ one: { command: 'a' }, two: { command: 'a', args: [] } }));
    const plan = await planFor(place, ['cursor']);
    expect(plan.added.map(({ name }) => name)).toEqual(['one']);
  });

  test('with another secret is another server, with another variable', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(place, 'cursor', servers({ github: github(GITHUB_TOKEN), work: github(OTHER_TOKEN) }));
    const plan = await planFor(place, ['cursor']);
    expect(plan.added.map(({ entry }) => entry['env'])).toEqual([
      { GITHUB_TOKEN: '${GITHUB_TOKEN}' },
      { GITHUB_TOKEN: '${WORK_GITHUB_TOKEN}' },
    ]);
  });

  test('is known again at the next import, when its secret is a variable already', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(place, 'cursor', servers({ github: github(GITHUB_TOKEN), work: github(OTHER_TOKEN) }));
    const first = await planFor(place, ['cursor']);
    const second = await planFor(place, ['cursor'], { text: first.text });
    expect(second.added).toEqual([]);
    expect(second.text).toBe(first.text);
    const set = { ...place, env: { GITHUB_TOKEN, WORK_GITHUB_TOKEN: OTHER_TOKEN } };
    expect((await planFor(set, ['cursor'], { text: first.text })).added).toEqual([]);
  });

  test('under a name that another one has gets a suffix', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(place, 'cursor', servers({ Search: { command: 'other' } }));
    await putConfig(place, 'windsurf', servers({ search: { command: 'third' } }));
    const text = servers({ search: { command: 'mine' } });
    const plan = await planFor(place, ['cursor', 'windsurf'], { text });
    expect(plan.added.map(({ name }) => name)).toEqual(['Search-2', 'search-3']);
  });
});

test('this program itself is not imported, by whichever way it is started', async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  await putConfig(
    place,
    'cursor',
    servers({
      switchyard: { command: '/opt/node', args: ['/opt/switchyard/bin/switchyard.js', 'serve', '--stdio'] },
      all: { command: 'npx', args: ['-y', 'switchyard@0.1.0', 'serve', '--stdio'] },
      installed: { command: 'switchyard', args: ['serve', '--stdio'] },
      windows: { command: 'C:\\node.exe', args: ['C:\\switchyard\\bin\\switchyard.js', 'serve', '--stdio'] },
      // Not ours, though it has our name.
      Switchyard: { command: 'trains' },
    }),
  );
  const plan = await planFor(place, ['cursor']);
  expect(plan.added.map(({ name, entry }) => [name, entry['command']])).toEqual([['Switchyard-2', 'trains']]);
});

describe('secrets', () => {
  test('are found in variables, headers, flags, addresses and pairs, and nothing else is taken for one', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path);
    await putConfig(
      place,
      'cursor',
      servers({
        exa: {
          command: 'docker',
          args: [
            ...['run', '-i', '-e', 'EXA_PASSWORD=hunter2', '--api-key', 'k-1234567', '--token=abcdef123456'],
            ...['--header', 'X-Api-Key: 0123456789', '/nix/store/9hxk2s8d7f6g5h4j3k2l1z0x-tool/bin/exa'],
            ...[
              'postgres://me:pa55word@db.example.com/all',
              'ghcr.io/github/github-mcp-server',
              'exa-mcp@1.2.3',
            ],
            ...['--model', 'gpt-4o-mini-2024-07-18', '--max-tokens=4096', 'https://example.com/mcp'],
          ],
          env: {
            LOG_LEVEL: 'debug',
            AWS_REGION: 'eu-central-1',
            MAX_TOKEN: '4096',
            DATA_DIR: '/var/lib/exa',
            GOOGLE_APPLICATION_CREDENTIALS: '/home/me/keys/google-2024.json',
            UNNAMED: 'Zq83kfLs9dKw0aPq72mxVb5T',
            OPENAI_API_KEY: '',
          },
        },
        zap: { url: 'https://actions.example.com/mcp/8sKd02jfLQp19zmXn3Tb/sse?api_key=shh-shh&page=2' },
      }),
    );
    const plan = await planFor(place, ['cursor']);
    expect(plan.added.map(({ entry }) => entry)).toEqual([
      {
        command: 'docker',
        args: [
          ...[
            'run',
            '-i',
            '-e',
            'EXA_PASSWORD=${EXA_PASSWORD}',
            '--api-key',
            '${EXA_API_KEY}',
            '--token=${EXA_TOKEN}',
          ],
          ...['--header', 'X-Api-Key: ${EXA_API_KEY_2}', '/nix/store/9hxk2s8d7f6g5h4j3k2l1z0x-tool/bin/exa'],
          ...[
            'postgres://me:${EXA_SECRET}@db.example.com/all',
            'ghcr.io/github/github-mcp-server',
            'exa-mcp@1.2.3',
          ],
          ...['--model', 'gpt-4o-mini-2024-07-18', '--max-tokens=4096', 'https://example.com/mcp'],
        ],
        env: {
          LOG_LEVEL: 'debug',
          AWS_REGION: 'eu-central-1',
          MAX_TOKEN: '4096',
          DATA_DIR: '/var/lib/exa',
          GOOGLE_APPLICATION_CREDENTIALS: '/home/me/keys/google-2024.json',
          UNNAMED: '${UNNAMED}',
          OPENAI_API_KEY: '',
        },
      },
      { url: 'https://actions.example.com/mcp/${ZAP_SECRET}/sse?api_key=${ZAP_SECRET_2}&page=2' },
    ]);
  });

  test('a variable that has another value already, or that the config uses, is not taken for it', async () => {
    await using folder = await temporaryFolder('import');
    const place = placeIn(folder.path, { GITHUB_TOKEN: 'something else', EXA_API_KEY: 'k-123456789' });
    await putConfig(
      place,
      'cursor',
      servers({
        github: github(GITHUB_TOKEN),
        exa: { command: 'exa', env: { EXA_API_KEY: 'k-123456789' } },
        jira: { command: 'jira', env: { JIRA_TOKEN: 'j-123456789' } },
      }),
    );
    const text = servers({ other: { command: 'other', env: { TOKEN: '${JIRA_TOKEN}' } } });
    const plan = await planFor(place, ['cursor'], { text });
    expect(plan.variables.map(({ name, isSet }) => [name, isSet])).toEqual([
      ['GITHUB_TOKEN_2', false],
      ['EXA_API_KEY', true],
      ['JIRA_TOKEN_2', false],
    ]);
  });
});

test('secrets in arguments are found in whichever way they are written', async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  const written = [
    ['--header=Authorization: Bearer abcdefgh', '--header=Authorization: Bearer ${A_TOKEN}'],
    ['--header', '--header'],
    ['X-Api-Key:shh-shh', 'X-Api-Key:${A_API_KEY}'],
    ['--password', '--password'],
    ['c2VjcmV0a2V5MTIz==', '${A_PASSWORD}'],
    ['--env=GITLAB_TOKEN=glpat-Zq83kfLs9dKw0aPq72mx', '--env=GITLAB_TOKEN=${GITLAB_TOKEN}'],
    ['C:\\tools\\server.js', 'C:\\tools\\server.js'],
    ['--client-secret=abc=def', '--client-secret=${A_CLIENT_SECRET}'],
    ['--client-id', '--client-id'],
    ['123-abcdefg1234567hijklmn.apps.example.com', '123-abcdefg1234567hijklmn.apps.example.com'],
    [
      'git+https://github.com/a/b@1a2b3c4d5e6f7a8b9c0d1e2f',
      'git+https://github.com/a/b@1a2b3c4d5e6f7a8b9c0d1e2f',
    ],
    ['--endpoint=https://a.example.com/v1', '--endpoint=https://a.example.com/v1'],
    ['https://tok3nTok3n12@git.example.com/a', 'https://${A_SECRET}@git.example.com/a'],
  ] as const;
  await putConfig(place, 'cursor', servers({ a: { command: 'a', args: written.map(([before]) => before) } }));
  const [added] = (await planFor(place, ['cursor'])).added;
  expect(added?.entry['args']).toEqual(written.map(([, after]) => after));
});

test('what a program replaces in its own arguments is left to it', async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  const args = ['mcp-remote', 'https://a.b/sse', '--header', 'Authorization:${AUTH}', '${HOME_TOWN}'];
  await putConfig(
    place,
    'cursor',
    servers({ remote: { command: 'npx', args, env: { AUTH: 'Bearer ${TOKEN}' } } }),
  );
  const [added] = (await planFor(place, ['cursor'])).added;
  expect(added?.entry['args']).toEqual([...args.slice(0, 3), 'Authorization:$${AUTH}', '${HOME_TOWN}']);
});

test('the comments, the order and the style of our config stay', async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  await putConfig(place, 'cursor', servers({ search: { command: 'search' } }));
  const text =
    '// mine\n{\n\t"mcpServers": {\n\t\t// files\n\t\t"files": { "builtin": "filesystem" }, // ours\n\t},\n\t"budget": { "maxTurns": 3 }\n}\n';
  const plan = await planFor(place, ['cursor'], { text });
  expect(plan.text).toBe(
    text.replace('// ours\n', '// ours\n\t\t"search": {\n\t\t\t"command": "search"\n\t\t},\n'),
  );
});

test('on macOS the files of Library are read', async () => {
  await using folder = await temporaryFolder('import');
  const place = { ...placeIn(folder.path), platform: 'darwin' } as const;
  const file = await putConfig(place, 'claude-desktop', servers({ search: { command: 'search' } }));
  expect(file).toContain('/Library/Application Support/Claude/');
  expect((await planFor(place, ['claude-desktop'])).added).toMatchObject([
    { name: 'search', from: { file } },
  ]);
});

test("a project's servers keep their folder where our config is elsewhere", async () => {
  await using folder = await temporaryFolder('import');
  const place = placeIn(folder.path);
  await mkdir(join(place.workingFolder, '.vscode'), { recursive: true });
  const entry = { command: 'node', args: ['${workspaceFolder}/server.js', '${workspaceFolderBasename}'] };
  const text = JSON.stringify({ servers: { mine: entry } });
  await writeFile(join(place.workingFolder, '.vscode', 'mcp.json'), text);
  const here = await planFor(place, ['vscode']);
  expect(here.added[0]?.entry).toEqual({ command: 'node', args: ['${workspaceFolder}/server.js', 'work'] });
  const elsewhere = await planFor(place, ['vscode'], { configFolder: folder.path });
  expect(elsewhere.added[0]?.entry).toEqual({
    command: 'node',
    args: [`${place.workingFolder}/server.js`, 'work'],
    cwd: place.workingFolder,
  });
});
