import { expect, test } from 'vitest';

import { CLIENTS, findClient, type Place } from '../../src/clients/client.ts';

const LINUX: Place = { platform: 'linux', home: '/home/me', env: {}, workingFolder: '/home/me/work' };
const MACOS: Place = { platform: 'darwin', home: '/Users/me', env: {}, workingFolder: '/Users/me/work' };
const WINDOWS: Place = {
  platform: 'win32',
  home: 'C:\\Users\\me',
  env: { APPDATA: 'C:\\Users\\me\\AppData\\Roaming', LOCALAPPDATA: 'C:\\Users\\me\\AppData\\Local' },
  workingFolder: 'C:\\work',
};

const files = (place: Place): Record<string, readonly string[]> =>
  Object.fromEntries(CLIENTS.map((client) => [client.id, client.userFiles(place)]));

test('the files of each client on Linux', () => {
  expect(files(LINUX)).toEqual({
    'claude-desktop': ['/home/me/.config/Claude/claude_desktop_config.json'],
    'claude-code': ['/home/me/.claude.json'],
    cursor: ['/home/me/.cursor/mcp.json'],
    vscode: [
      '/home/me/.config/Code/User/mcp.json',
      '/home/me/.config/Code - Insiders/User/mcp.json',
      '/home/me/.config/VSCodium/User/mcp.json',
    ],
    windsurf: ['/home/me/.codeium/windsurf/mcp_config.json', '/home/me/.codeium/mcp_config.json'],
    zed: ['/home/me/.config/zed/settings.json'],
    gemini: ['/home/me/.gemini/settings.json'],
    codex: ['/home/me/.codex/config.toml'],
    cline: [
      '/home/me/.config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      '/home/me/.config/Code - Insiders/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      '/home/me/.config/VSCodium/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
      '/home/me/.cline/data/settings/cline_mcp_settings.json',
    ],
    lmstudio: ['/home/me/.lmstudio/mcp.json', '/home/me/.cache/lm-studio/mcp.json'],
  });
});

test('on macOS desktop programs have a folder of Library, and Zed has none', () => {
  expect(files(MACOS)).toMatchObject({
    'claude-desktop': ['/Users/me/Library/Application Support/Claude/claude_desktop_config.json'],
    'claude-code': ['/Users/me/.claude.json'],
    cursor: ['/Users/me/.cursor/mcp.json'],
    vscode: expect.arrayContaining(['/Users/me/Library/Application Support/Code/User/mcp.json']),
    windsurf: expect.arrayContaining(['/Users/me/.codeium/windsurf/mcp_config.json']),
    zed: ['/Users/me/.config/zed/settings.json'],
    gemini: ['/Users/me/.gemini/settings.json'],
    codex: ['/Users/me/.codex/config.toml'],
    cline: expect.arrayContaining([
      '/Users/me/Library/Application Support/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json',
    ]),
    lmstudio: expect.arrayContaining(['/Users/me/.lmstudio/mcp.json']),
  });
});

test('on Windows paths are those of Windows, and Claude Desktop may live in a package', () => {
  expect(files(WINDOWS)).toMatchObject({
    'claude-desktop': [
      'C:\\Users\\me\\AppData\\Local\\Packages\\Claude_pzs8sxrjxfjjc\\LocalCache\\Roaming\\Claude\\claude_desktop_config.json',
      'C:\\Users\\me\\AppData\\Roaming\\Claude\\claude_desktop_config.json',
    ],
    'claude-code': ['C:\\Users\\me\\.claude.json'],
    cursor: ['C:\\Users\\me\\.cursor\\mcp.json'],
    vscode: expect.arrayContaining(['C:\\Users\\me\\AppData\\Roaming\\Code\\User\\mcp.json']),
    windsurf: expect.arrayContaining(['C:\\Users\\me\\.codeium\\windsurf\\mcp_config.json']),
    zed: ['C:\\Users\\me\\AppData\\Roaming\\Zed\\settings.json'],
    gemini: ['C:\\Users\\me\\.gemini\\settings.json'],
    codex: ['C:\\Users\\me\\.codex\\config.toml'],
    cline: expect.arrayContaining([
      'C:\\Users\\me\\AppData\\Roaming\\Code\\User\\globalStorage\\saoudrizwan.claude-dev\\settings\\cline_mcp_settings.json',
    ]),
    lmstudio: expect.arrayContaining(['C:\\Users\\me\\.lmstudio\\mcp.json']),
  });
  expect(findClient('vscode')?.projectFiles?.(WINDOWS)).toEqual(['C:\\work\\.vscode\\mcp.json']);
});

test('variables that move a config are obeyed, and an empty one is none', () => {
  const env = {
    XDG_CONFIG_HOME: '/xdg',
    CLAUDE_CONFIG_DIR: '/claude',
    CODEX_HOME: '/codex',
    GEMINI_CLI_HOME: '/gemini',
    CLINE_DIR: '/cline',
    FLATPAK_XDG_CONFIG_HOME: '/flatpak',
  };
  expect(files({ ...LINUX, env })).toMatchObject({
    'claude-desktop': ['/xdg/Claude/claude_desktop_config.json'],
    'claude-code': ['/claude/.claude.json'],
    codex: ['/codex/config.toml'],
    gemini: ['/gemini/.gemini/settings.json'],
    zed: ['/flatpak/zed/settings.json'],
    cline: expect.arrayContaining(['/cline/data/settings/cline_mcp_settings.json']),
  });
  expect(files({ ...LINUX, env: { CODEX_HOME: '', XDG_CONFIG_HOME: '' } })).toEqual(files(LINUX));
});

test('clients are found by what people call them', () => {
  expect(
    ['claude', 'VS-Code', 'gemini-cli', 'lm-studio', 'Codex'].map((name) => findClient(name)?.id),
  ).toEqual(['claude-desktop', 'vscode', 'gemini', 'lmstudio', 'codex']);
  expect(findClient('emacs')).toBeUndefined();
});
