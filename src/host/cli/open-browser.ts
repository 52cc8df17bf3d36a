/** Opens a page in the browser of the machine, where it has one. */
import { spawn } from 'node:child_process';

import { environment, type Environment } from '../../config/environment.ts';

/** False where there is none, or none that can be started. The URL is one argument, and no shell reads it. */
export function openBrowser(url: string): Promise<boolean> {
  const opener = openerOf(process.platform, environment());
  if (opener === undefined) return Promise.resolve(false);
  const [command, ...args] = opener;
  return new Promise((resolve) => {
    const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true, windowsHide: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

/** On Linux only a desktop has a browser to show; over SSH without one the page would open where nobody sits. */
export function openerOf(
  platform: NodeJS.Platform,
  env: Environment,
): readonly [string, ...string[]] | undefined {
  switch (platform) {
    case 'darwin':
      return ['open'];
    case 'win32':
      return ['rundll32', 'url.dll,FileProtocolHandler'];
    default: {
      const hasDesktop = Boolean(env['DISPLAY']) || Boolean(env['WAYLAND_DISPLAY']);
      return hasDesktop ? ['xdg-open'] : undefined;
    }
  }
}
