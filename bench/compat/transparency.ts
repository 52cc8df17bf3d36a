/** Whether what the gateway lists is what each server lists itself, in every field but the one that tells servers apart. */
import { setTimeout as delay } from 'node:timers/promises';

import { type Json, type JsonObject, jsonText } from '../../src/json.ts';
import { difference } from './difference.ts';
import { LISTS, type ListName, type Lists, listsOf } from './lists.ts';
import type { RawClient } from './raw-client.ts';

export interface Compared {
  /** By server. */
  readonly differences: ReadonlyMap<string, readonly string[]>;
  /** What the gateway lists of no server, apart from its own. */
  readonly unaccounted: readonly string[];
  readonly longestName: number;
}

/** What a server has to tell, as it came. */
export interface Told {
  readonly lists: Lists;
  readonly instructions: string;
}

const SETTLE_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Lists until every server's entries are there, as servers that nobody knows yet are asked behind the first list. */
export async function settledLists(client: RawClient, own: ReadonlyMap<string, Told>): Promise<Lists> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const lists = await listsOf(client);
    const isWhole = LISTS.every(({ list, key }) => {
      const shown = new Set(lists[list].map((entry) => entry[key]));
      return [...own].every(([server, told]) =>
        told.lists[list].every((entry) => shownKeys(server, list, entry[key]).some((one) => shown.has(one))),
      );
    });
    if (isWhole || performance.now() > deadline) return lists;
    await delay(LOOK_EVERY_MS);
  }
}

export function compare(own: ReadonlyMap<string, Told>, shown: Told): Compared {
  const seen = new Set<JsonObject>();
  const differences = new Map<string, readonly string[]>();
  for (const [server, { lists, instructions }] of own) {
    const found = LISTS.flatMap(({ list, key }) =>
      lists[list].flatMap((entry) => {
        const keys = shownKeys(server, list, entry[key]);
        const there = shown.lists[list].find((one) => !seen.has(one) && keys.includes(jsonText(one[key])));
        if (there !== undefined) seen.add(there);
        const problem =
          there === undefined ? 'is not listed' : difference(entry, { ...there, [key]: entry[key] ?? '' });
        return problem === undefined ? [] : [`${list} ${jsonText(entry[key])}: ${problem}`];
      }),
    );
    const isTold = shown.instructions.includes(instructions);
    differences.set(server, isTold ? found : [...found, 'instructions: they are not whole']);
  }
  const unaccounted = LISTS.flatMap(({ list, key }) =>
    shown.lists[list].filter((entry) => !seen.has(entry)).map((entry) => jsonText(entry[key])),
  ).filter((name) => !/^switchyard(__|:)/.test(name));
  const longestName = Math.max(...shown.lists.tools.map(({ name }) => jsonText(name).length));
  return { differences, unaccounted, longestName };
}

function shownKeys(server: string, list: ListName, key: Json | undefined): readonly string[] {
  const own = jsonText(key);
  if (list === 'tools' || list === 'prompts') return [`${server}__${own}`];
  return [own, `switchyard://servers/${server}/${own}`];
}
