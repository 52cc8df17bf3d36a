/** The model hub: where a file is, and whether it can be had there at all. */
import type { Environment } from '../config/environment.ts';
import type { LocalModelEntry } from './catalog.ts';

const HUB = 'https://huggingface.co';
const PROBE_TIMEOUT_MS = 4_000;

/** HF_ENDPOINT names a mirror. */
export function hubUrl({ hub }: LocalModelEntry, env: Environment): string {
  const base = (env['HF_ENDPOINT']?.trim() || HUB).replace(/\/+$/, '');
  return `${base}/${hub.repository}/resolve/${hub.revision}/${hub.path}`;
}

/** A hub that refuses, hangs or has not the file is no hub: false within 4 s. Rejects only with the signal's reason. */
export async function isOnHub(
  url: string,
  signal: AbortSignal,
  timeoutMs = PROBE_TIMEOUT_MS,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'HEAD',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return response.ok;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}
