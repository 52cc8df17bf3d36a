import { homeFolder } from '../../config/environment.ts';
import { messageOf } from '../../errors.ts';
import { openClientTokens } from '../client-token/token-store.ts';
import { createAdmission } from '../serve/http/admission.ts';
import { isLoopbackHost } from '../../loopback.ts';
import { requireTokens } from '../serve/http/require-tokens.ts';
import { serveHttp } from '../serve/http/serve-http.ts';
import { openState } from '../state.ts';
import type { ServeFlags, Serving } from './serve.ts';

/** Resolves when a signal came and what was open is finished. */
export async function overHttp({ facade, config, log, signal }: Serving, flags: ServeFlags): Promise<void> {
  const settings = (): ReturnType<typeof config>['serve']['http'] => config().serve.http;
  const { host = settings().host, port = settings().port, json = false } = flags;
  using state = openState(homeFolder());
  const tokens = openClientTokens(state, {
    onFailure: (error) =>
      log.sink({
        level: 'warn',
        component: 'serve',
        event: 'token-use-not-written',
        fields: { reason: messageOf(error) },
      }),
  });
  requireTokens(host, tokens);
  using admission = createAdmission({ tokens, loopback: isLoopbackHost(host), settings, log: log.sink });
  const serving = await serveHttp({ facade, host, port, settings, admission, log: log.sink });
  const { url } = serving;
  log.sink({ level: 'info', component: 'serve', event: 'listening', fields: { url } });
  const headers = tokens.known().any ? { headers: { Authorization: 'Bearer <token>' } } : {};
  const entry = JSON.stringify({ type: 'http', url, ...headers });
  process.stderr.write(`Clients reach it at ${url}, as ${entry} in their configs.\n`);
  if (json) process.stdout.write(`${JSON.stringify({ url, host: serving.host, port: serving.port })}\n`);
  await aborted(signal);
  await serving.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}
