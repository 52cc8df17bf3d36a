/** The MCP clients whose configs are read and written, and where each keeps them. */
import { posix, win32 } from 'node:path';

import type { Environment } from '../config/environment.ts';

/** What decides where clients keep their files. A parameter, so that each platform's paths can be told on any. */
export interface Place {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Environment;
  /** The folder whose project files are read. */
  readonly workingFolder: string;
}

export interface Client {
  readonly id: ClientId;
  readonly title: string;
  readonly format: 'json' | 'toml';
  /** The key that holds the servers by name. */
  readonly serversKey: string;
  /** What its `timeout` counts, where it has one. */
  readonly timeoutUnit?: 'seconds' | 'milliseconds';
  /** `$NAME` means a variable, as `${NAME}` does. */
  readonly hasBareVariables?: boolean;
  /** Keys that the entry of a program carries besides `command`, `args` and `env`. */
  readonly entryKeys?: Readonly<Record<string, string>>;
  /** How a person makes it read its config again. */
  readonly reload: string;
  /** Absolute. The person's own, the likeliest first: `install` takes the first that exists, else the first. */
  readonly userFiles: (place: Place) => readonly string[];
  /** Absolute. Those of the working folder. */
  readonly projectFiles?: (place: Place) => readonly string[];
}

export type ClientId =
  | 'claude-desktop'
  | 'claude-code'
  | 'cursor'
  | 'vscode'
  | 'windsurf'
  | 'zed'
  | 'gemini'
  | 'codex'
  | 'cline'
  | 'lmstudio';

/** Names that a person may type as well. */
const OTHER_NAMES: Readonly<Record<string, ClientId>> = {
  claude: 'claude-desktop',
  'vs-code': 'vscode',
  code: 'vscode',
  'gemini-cli': 'gemini',
  'lm-studio': 'lmstudio',
};

export function findClient(name: string): Client | undefined {
  const id = OTHER_NAMES[name.toLowerCase()] ?? name.toLowerCase();
  return CLIENTS.find((client) => client.id === id);
}

export const CLIENTS: readonly Client[] = [
  {
    id: 'claude-desktop',
    title: 'Claude Desktop',
    format: 'json',
    serversKey: 'mcpServers',
    reload: 'Quit Claude Desktop and start it again.',
    userFiles: (place) => [
      ...packagedClaude(place),
      under(place, applicationData(place), 'Claude', 'claude_desktop_config.json'),
    ],
  },
  {
    id: 'claude-code',
    title: 'Claude Code',
    format: 'json',
    serversKey: 'mcpServers',
    entryKeys: { type: 'stdio' },
    reload: 'Start Claude Code again.',
    userFiles: (place) => [under(place, set(place, 'CLAUDE_CONFIG_DIR') ?? place.home, '.claude.json')],
    projectFiles: (place) => [under(place, place.workingFolder, '.mcp.json')],
  },
  {
    id: 'cursor',
    title: 'Cursor',
    format: 'json',
    serversKey: 'mcpServers',
    reload: 'Start Cursor again.',
    userFiles: (place) => [under(place, place.home, '.cursor', 'mcp.json')],
    projectFiles: (place) => [under(place, place.workingFolder, '.cursor', 'mcp.json')],
  },
  {
    id: 'vscode',
    title: 'VS Code',
    format: 'json',
    serversKey: 'servers',
    entryKeys: { type: 'stdio' },
    reload: 'In VS Code, run "MCP: List Servers" and start it.',
    userFiles: (place) => codeFolders(place).map((folder) => under(place, folder, 'User', 'mcp.json')),
    projectFiles: (place) => [under(place, place.workingFolder, '.vscode', 'mcp.json')],
  },
  {
    id: 'windsurf',
    title: 'Windsurf',
    format: 'json',
    serversKey: 'mcpServers',
    reload: 'Press "Refresh" among the MCP servers of Windsurf.',
    userFiles: (place) => [
      under(place, place.home, '.codeium', 'windsurf', 'mcp_config.json'),
      under(place, place.home, '.codeium', 'mcp_config.json'),
    ],
  },
  {
    id: 'zed',
    title: 'Zed',
    format: 'json',
    serversKey: 'context_servers',
    reload: 'Zed reads it by itself.',
    userFiles: (place) => [zedSettings(place)],
    projectFiles: (place) => [under(place, place.workingFolder, '.zed', 'settings.json')],
  },
  {
    id: 'gemini',
    title: 'Gemini CLI',
    format: 'json',
    serversKey: 'mcpServers',
    timeoutUnit: 'milliseconds',
    hasBareVariables: true,
    reload: 'Start Gemini CLI again.',
    userFiles: (place) => [
      under(place, set(place, 'GEMINI_CLI_HOME') ?? place.home, '.gemini', 'settings.json'),
    ],
    projectFiles: (place) => [under(place, place.workingFolder, '.gemini', 'settings.json')],
  },
  {
    id: 'codex',
    title: 'Codex',
    format: 'toml',
    serversKey: 'mcp_servers',
    reload: 'Start Codex again.',
    userFiles: (place) => [
      under(place, set(place, 'CODEX_HOME') ?? under(place, place.home, '.codex'), 'config.toml'),
    ],
    projectFiles: (place) => [under(place, place.workingFolder, '.codex', 'config.toml')],
  },
  {
    id: 'cline',
    title: 'Cline',
    format: 'json',
    serversKey: 'mcpServers',
    timeoutUnit: 'seconds',
    reload: 'Cline reads it by itself.',
    userFiles: (place) => [
      ...codeFolders(place).map((folder) =>
        under(
          place,
          folder,
          ...['User', 'globalStorage', 'saoudrizwan.claude-dev', 'settings', 'cline_mcp_settings.json'],
        ),
      ),
      under(
        place,
        set(place, 'CLINE_DIR') ?? under(place, place.home, '.cline'),
        ...['data', 'settings', 'cline_mcp_settings.json'],
      ),
    ],
  },
  {
    id: 'lmstudio',
    title: 'LM Studio',
    format: 'json',
    serversKey: 'mcpServers',
    reload: 'LM Studio reads it by itself.',
    userFiles: (place) => [
      under(place, place.home, '.lmstudio', 'mcp.json'),
      under(place, place.home, '.cache', 'lm-studio', 'mcp.json'),
    ],
  },
];

/** Joined as the platform joins paths, whatever this one is. */
function under({ platform }: Place, ...parts: string[]): string {
  return (platform === 'win32' ? win32 : posix).join(...parts);
}

/** The folder in which desktop programs keep what belongs to a person. */
function applicationData(place: Place): string {
  const { platform, home } = place;
  if (platform === 'darwin') return under(place, home, 'Library', 'Application Support');
  if (platform === 'win32') return set(place, 'APPDATA') ?? under(place, home, 'AppData', 'Roaming');
  return set(place, 'XDG_CONFIG_HOME') ?? under(place, home, '.config');
}

/** From the Microsoft Store, Claude Desktop lives in a package, where it sees this folder as its own. */
function packagedClaude(place: Place): string[] {
  if (place.platform !== 'win32') return [];
  const local = set(place, 'LOCALAPPDATA') ?? under(place, place.home, 'AppData', 'Local');
  const folder = under(place, local, 'Packages', 'Claude_pzs8sxrjxfjjc', 'LocalCache', 'Roaming', 'Claude');
  return [under(place, folder, 'claude_desktop_config.json')];
}

function codeFolders(place: Place): string[] {
  return ['Code', 'Code - Insiders', 'VSCodium'].map((name) => under(place, applicationData(place), name));
}

/** On macOS it is no folder of `Library`. */
function zedSettings(place: Place): string {
  const { platform, home } = place;
  if (platform === 'win32') return under(place, applicationData(place), 'Zed', 'settings.json');
  const folder =
    platform === 'darwin'
      ? under(place, home, '.config')
      : (set(place, 'FLATPAK_XDG_CONFIG_HOME') ?? applicationData(place));
  return under(place, folder, 'zed', 'settings.json');
}

function set({ env }: Place, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === '' ? undefined : value;
}
