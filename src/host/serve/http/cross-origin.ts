/** What a browser wants to hear before it lets a page that may come here read an answer (CORS). Which may is decided before. */
import type { RequestHandler } from 'express';

export const allowPages: RequestHandler = ({ headers: { origin } }, response, next) => {
  if (origin !== undefined) {
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Expose-Headers', 'Mcp-Session-Id, WWW-Authenticate, Retry-After');
    response.setHeader('Vary', 'Origin');
  }
  next();
};

export const PREFLIGHT = {
  'Access-Control-Allow-Methods': 'GET, POST, DELETE',
  // A wildcard does not stand for Authorization.
  'Access-Control-Allow-Headers': '*, Authorization',
  'Access-Control-Max-Age': '600',
} as const;
