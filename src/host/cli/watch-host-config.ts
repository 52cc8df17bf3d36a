import type { Config } from '../../config/config.ts';
import { homeFolder } from '../../config/environment.ts';
import { messageOf } from '../../errors.ts';
import type { Host } from '../contract.ts';
import type { Log } from '../telemetry/log.ts';

/** Loaded by what runs long enough to see an edit. Never rejects: without a watch the config stays as it is. */
export async function watchHostConfig(host: Host, log: Log): Promise<AsyncDisposable | undefined> {
  const path = host.config.source?.path;
  if (path === undefined) return undefined;
  const onFailure = (reason: string): void =>
    log.sink({ level: 'warn', component: 'config', event: 'config-not-watched', fields: { path, reason } });
  try {
    const { watchConfig } = await import('../../config/watch.ts');
    const watch = await watchConfig({
      path,
      homeFolder: homeFolder(),
      files: () => filesOf(host.config),
      onChange: () => host.reloadConfig(),
      onTrust: async () => {
        if (host.configStatus.state === 'waits') await host.reloadConfig();
      },
      onFailure,
    });
    // What was changed after it was read and before it was watched.
    void host.reloadConfig();
    return watch;
  } catch (error) {
    onFailure(messageOf(error));
    return undefined;
  }
}

function filesOf({ scripts = {} }: Config): readonly string[] {
  return Object.values(scripts).flatMap((script) =>
    script.type === 'read' ? Object.keys(script.files) : [script.file],
  );
}
