/** Loaded before a peer: the packages that files of this folder import lie in the folder PEERS, and not among ours. */
import { isBuiltin, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const here = new URL('.', import.meta.url).href;
const parentURL = pathToFileURL(join(process.env['PEERS'] ?? '', 'peers.js')).href;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const isPackage = /^[\w@]/.test(specifier) && !isBuiltin(specifier);
    const isOfPeer = context.parentURL?.startsWith(here) === true;
    return nextResolve(specifier, isPackage && isOfPeer ? { ...context, parentURL } : context);
  },
});
