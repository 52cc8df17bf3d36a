/** A server wants a login, or more rights than there are, or they could not be renewed. Nothing was done there. */
export class AuthFailure extends Error {
  readonly code: 'login-required' | 'insufficient-scope' | 'server-unavailable';

  constructor(code: AuthFailure['code'], message: string) {
    super(message);
    // By this name the SDK's negotiation of an era tells that another era would fail as well.
    this.name = 'UnauthorizedError';
    this.code = code;
  }
}

export function loginRequired(server: string, remark = ''): AuthFailure {
  return new AuthFailure('login-required', `'${server}' needs a login: switchyard login ${server}${remark}`);
}

export function insufficientScope(server: string, scope: string | undefined): AuthFailure {
  const rights = scope === undefined ? '' : ` (${scope})`;
  return new AuthFailure(
    'insufficient-scope',
    `'${server}' needs a login with more rights${rights}: switchyard login ${server}`,
  );
}

/** Whether a login would mend it. */
export function isLoginDue(error: unknown): error is AuthFailure {
  return error instanceof AuthFailure && error.code !== 'server-unavailable';
}
