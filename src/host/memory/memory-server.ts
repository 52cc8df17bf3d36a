/** The person's memory as the host finds it: our own server by its definition, whatever the config calls it. */
import type { Config } from '../../config/config.ts';
import type { Registry } from '../../registry/contract.ts';
import { builtinServers, builtinTool } from '../builtin-server.ts';

export interface MemoryServer {
  /** A memory server is configured and enabled. */
  readonly configured: boolean;
  /** It answers at once: it is connected. */
  readonly started: boolean;
  /** The exposed name of one of its tools; undefined where it is not there, or not known yet. */
  tool(ownName: string): string | undefined;
  /** Asks it for its tools where they are not known; resolves at the signal at the latest. */
  ready(signal: AbortSignal): Promise<void>;
}

export interface MemoryServerOptions {
  /** The one of the moment. */
  readonly config: () => Pick<Config, 'servers'>;
  readonly registry: Pick<Registry, 'catalog' | 'ready' | 'servers'>;
}

export function createMemoryServer({ config, registry }: MemoryServerOptions): MemoryServer {
  const names = (): readonly string[] => builtinServers(config(), 'memory');
  return {
    get configured() {
      return names().length > 0;
    },
    get started() {
      const own = names();
      return registry.servers().some(({ name, state }) => own.includes(name) && state === 'ready');
    },
    tool: (ownName) => builtinTool(config(), registry, 'memory', ownName),
    ready: (signal) => registry.ready({ servers: names(), signal }),
  };
}
