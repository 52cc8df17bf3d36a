/** Facts and notes: short texts that stand alone, each stored once. */
import { randomBytes } from 'node:crypto';

import * as z from 'zod';

import { HostError } from '../../errors.ts';
import type { StoredDocument } from '../store/contract.ts';
import type { Store } from '../store/store.ts';
import type { MemoryContext } from './context.ts';
import {
  FACTS_GROUP,
  FACT_KINDS,
  factUri,
  findEntry,
  hashOf,
  metadataText,
  ownerOf,
  putEntry,
  textOf,
  timeOf,
} from './entry.ts';
import { SCOPES } from './scope-store.ts';
import type { Scope, ScopeStore } from './scope-store.ts';

export const factSchema = z.object({
  factId: z.string(),
  kind: z.enum(FACT_KINDS),
  scope: z.enum(SCOPES),
  text: z.string(),
  source: z.string().optional(),
  createdAt: z.string().describe('ISO 8601, UTC.'),
  updatedAt: z.string().optional().describe('ISO 8601, UTC; only where the text was changed.'),
});

export type Fact = z.infer<typeof factSchema>;

export type NewFact = {
  readonly text: string;
  readonly kind: Fact['kind'];
  readonly scope: Scope;
  readonly source: string | undefined;
};

const FACT_ID_BYTES = 8;
const MOST_EARLIER_TEXTS = 5;

/** Stores nothing where the same text is known in this scope, or to all projects. */
export async function rememberFact(
  { stores }: MemoryContext,
  { text, kind, scope, source }: NewFact,
  signal: AbortSignal,
): Promise<{ readonly fact: Fact; readonly stored: boolean }> {
  const trimmed = text.trim();
  if (scope === 'project') {
    const known = factWithText(await stores.person.open(), 'person', trimmed);
    if (known !== undefined) return { fact: known, stored: false };
  }
  return stores[scope].change(signal, (store) => {
    const known = factWithText(store, scope, trimmed);
    if (known !== undefined) return { fact: known, stored: false };
    const at = new Date();
    const factId = randomBytes(FACT_ID_BYTES).toString('hex');
    const metadata = { createdAt: at.toISOString(), ...(source !== undefined && { source }) };
    putEntry(store, { uri: factUri(factId), kind, group: FACTS_GROUP, text: trimmed, at, metadata });
    const fact = { factId, kind, scope, text: trimmed, ...metadata };
    return { fact, stored: true };
  });
}

/** Rejects with HostError `unknown-fact`, or `fact-exists` where another fact says the same already. */
export async function updateFact(
  context: MemoryContext,
  change: { readonly factId: string; readonly text: string; readonly source: string | undefined },
  signal: AbortSignal,
): Promise<Fact> {
  const { factId, text } = change;
  const home = await scopeOfFact(context, factId);
  const trimmed = text.trim();
  return home.change(signal, (store) => {
    const stored = findEntry(store, factUri(factId));
    if (stored === undefined) throw unknownFact(factId);
    const other = factWithText(store, home.scope, trimmed);
    if (other !== undefined && other.factId !== factId) {
      throw new HostError(
        'fact-exists',
        `Fact ${other.factId} says exactly this already. Keep it, and forget ${factId} if it is no longer true.`,
      );
    }
    const known = factOf(store, home.scope, stored);
    // Repeated, it must not seem newer than it is.
    if (known.text === trimmed) return known;
    const { kind, createdAt, text: before } = known;
    const source = change.source ?? known.source;
    const at = new Date();
    const metadata = {
      createdAt,
      updatedAt: at.toISOString(),
      ...(source !== undefined && { source }),
    };
    const texts = [before, ...earlierTexts(stored)].filter((one) => one !== trimmed);
    const earlier = [...new Set(texts)].slice(0, MOST_EARLIER_TEXTS);
    const kept = { ...metadata, earlier };
    putEntry(store, { uri: factUri(factId), kind, group: FACTS_GROUP, text: trimmed, at, metadata: kept });
    return { factId, kind, scope: home.scope, text: trimmed, ...metadata };
  });
}

/** The store that holds the fact. Rejects with HostError `unknown-fact`. */
export async function scopeOfFact({ stores }: MemoryContext, factId: string): Promise<ScopeStore> {
  for (const scope of SCOPES) {
    if (findEntry(await stores[scope].open(), factUri(factId)) !== undefined) return stores[scope];
  }
  throw unknownFact(factId);
}

function unknownFact(factId: string): HostError {
  return new HostError('unknown-fact', `There is no fact '${factId}'. list_facts names those that exist.`);
}

/** Documents of all facts of a store, oldest first. */
export function factDocuments(store: Store): readonly StoredDocument[] {
  return store.documents({ group: FACTS_GROUP }).toSorted((left, right) => left.id - right.id);
}

export function factOf(store: Store, scope: Scope, document: StoredDocument): Fact {
  const source = metadataText(document, 'source');
  const updatedAt = metadataText(document, 'updatedAt');
  return {
    factId: ownerOf(document.uri),
    kind: document.kind === 'note' ? 'note' : 'fact',
    scope,
    text: textOf(store, document.uri),
    ...(source !== undefined && { source }),
    createdAt: metadataText(document, 'createdAt') ?? timeOf(document),
    ...(updatedAt !== undefined && { updatedAt }),
  };
}

/** What a fact said before it was changed, latest first; forgotten with it. */
export function earlierTexts({ metadata }: StoredDocument): readonly string[] {
  const { earlier } = metadata;
  return Array.isArray(earlier) ? earlier.filter((text) => typeof text === 'string') : [];
}

function factWithText(store: Store, scope: Scope, text: string): Fact | undefined {
  const hash = hashOf(text);
  const document = store.documents({ group: FACTS_GROUP }).find((candidate) => candidate.hash === hash);
  return document === undefined ? undefined : factOf(store, scope, document);
}
