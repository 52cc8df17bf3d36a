import type { JsonObject } from '../../../json.ts';

const PREFIX = 'switchyard://runs/';

/** Ids are given by answers and are listed nowhere. */
export const RUNS_TEMPLATE: JsonObject = {
  uriTemplate: `${PREFIX}{id}`,
  name: 'run',
  title: 'A run of the agent or of a workflow',
  description:
    "What a run that switchyard__ask or a workflow's tool began is doing, has done and has answered.",
  mimeType: 'application/json',
};

export function runUri(id: string): string {
  return `${PREFIX}${id}`;
}

/** Undefined where it is the URI of something else. */
export function runIdOf(uri: string): string | undefined {
  return uri.startsWith(PREFIX) ? uri.slice(PREFIX.length) : undefined;
}
