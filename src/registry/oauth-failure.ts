/** Why a login failed, in words. Nothing that an answer carried is repeated: it may be forged, or hold a secret. */
import { IssuerMismatchError, OAuthError, RegistrationRejectedError } from '@modelcontextprotocol/client';

import type { RemoteDefinition } from '../config/server-definition.ts';
import { HostError } from '../errors.ts';
import { requestFailure } from './oauth.ts';

export function loginFailure({ name }: RemoteDefinition, error: unknown): HostError {
  if (error instanceof HostError) return error;
  const failed = (why: string) =>
    new HostError('login-failed', `The login to '${name}' failed: ${why}`, { cause: error });
  if (error instanceof IssuerMismatchError) {
    return failed(
      error.kind === 'metadata'
        ? 'its authorization server says that it is another one than the server named.'
        : 'the answer came from another authorization server than the one that was asked. Do not trust the page that was open; begin again.',
    );
  }
  if (error instanceof RegistrationRejectedError)
    return failed(`${requestedByHand(`it refused to register us (HTTP ${error.status})`)}`);
  if (error instanceof OAuthError) return failed(`${requestFailure(error)}.`);
  const words = error instanceof Error ? error.message : '';
  if (words.includes('does not support dynamic client registration'))
    return failed(requestedByHand('it registers nobody by itself'));
  if (words.startsWith('Protected resource ')) {
    return failed(
      'what it says about itself names another resource than its URL. Its tokens would not be for it.',
    );
  }
  if (words.startsWith('Incompatible auth server'))
    return failed('its authorization server offers no flow that we know.');
  if (words.startsWith('HTTP ')) return failed(`${words.slice(0, 200)}.`);
  return failed(`${requestFailure(error)}.`);
}

function requestedByHand(why: string): string {
  return `${why}. Register a client there by hand, and set 'oauth.clientId' (and 'clientSecret', 'redirectPort') in the config.`;
}
