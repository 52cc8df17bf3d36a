/**
 * What was said before a run, so that its journal names it and does not hold it: each history is kept as what it adds to
 * one before, and stays what it was whatever becomes of the conversation. A conversation costs its length and not the square.
 */
import { createHash, type Hash } from 'node:crypto';

import type { ModelMessage } from '../model/model.ts';
import type { State } from '../state.ts';

/** The name of a history, and what the names of those that begin with it are made from. */
export interface Named {
  readonly revision: string;
  readonly hash: Hash;
}

/** A session has histories of its own, so that they go with it. */
export function nothingSaid(sessionId: string): Named {
  return namedBy(createHash('sha256').update(sessionId));
}

/** `from`, and the history up to each of these messages behind it, which are JSON. */
export function extended(from: Named, texts: readonly string[]): readonly Named[] {
  const names = [from];
  let { hash } = from;
  for (const text of texts) {
    // No JSON holds a line break, so that two histories cannot be one text.
    hash = hash.copy().update('\n').update(text);
    names.push(namedBy(hash));
  }
  return names;
}

function namedBy(hash: Hash): Named {
  return { revision: hash.copy().digest('hex'), hash };
}

/**
 * Its revision, under which it is kept when this returns: the last of `names`, which are those of `extended` with `texts`.
 * Undefined where not even the first of them is kept. The caller holds a transaction.
 */
export function keepHistory(
  state: State,
  sessionId: string,
  names: readonly Named[],
  texts: readonly string[],
): string | undefined {
  const revision = String(names.at(-1)?.revision);
  const find = state.prepared('SELECT 1 FROM histories WHERE revision = ?');
  let known = texts.length;
  while (known >= 0 && find.get(String(names[known]?.revision)) === undefined) known -= 1;
  if (known === texts.length) return revision;
  const isWhole = names[0]?.revision === nothingSaid(sessionId).revision;
  if (known < 0 && !isWhole) return undefined;
  state
    .prepared('INSERT OR IGNORE INTO histories (revision, session_id, base, messages) VALUES (?, ?, ?, ?)')
    .run(
      revision,
      sessionId,
      known < 0 ? null : String(names[known]?.revision),
      `[${texts.slice(Math.max(known, 0)).join(',')}]`,
    );
  return revision;
}

/** Undefined where it is not kept, or not whole. */
export function readHistory({ database }: State, revision: string): readonly ModelMessage[] | undefined {
  const parts = database
    .prepare(
      `WITH RECURSIVE part (base, messages, depth) AS (
         SELECT base, messages, 0 FROM histories WHERE revision = ?
         UNION ALL
         SELECT histories.base, histories.messages, depth + 1 FROM part JOIN histories ON histories.revision = part.base
       )
       SELECT base, messages FROM part ORDER BY depth DESC`,
    )
    .all(revision);
  const [first] = parts;
  if (first === undefined || first['base'] !== null) return undefined;
  return parts.flatMap(({ messages }) => JSON.parse(String(messages)) as ModelMessage[]);
}

/**
 * Removes those that no journal needs any more. A run that is under way may have taken one that its journal does not name
 * yet, so that those of its session wait for the next time. The caller holds a transaction.
 */
export function sweepHistories({ database }: State): void {
  database.exec(
    `WITH RECURSIVE needed (revision) AS (
       SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.revision') END
         FROM journal WHERE type = 'step' AND name = 'history'
       UNION
       SELECT base FROM needed JOIN histories USING (revision) WHERE base IS NOT NULL
     )
     DELETE FROM histories WHERE revision NOT IN (SELECT revision FROM needed WHERE revision IS NOT NULL)
       AND session_id NOT IN (SELECT session_id FROM runs WHERE status = 'running' AND session_id IS NOT NULL)`,
  );
}
