/** Topics by the similarity of meaning: a text is of a topic when a piece of it is near one of its examples. */
import type { TopicRule } from '../../config/guard-settings.ts';
import type { Embed } from '../context.ts';
import { dot } from '../similarity.ts';
import type { Guard } from './guard.ts';
import { textGuard } from './text-guard.ts';
import type { Verdict } from './verdict.ts';

const DEFAULT_THRESHOLD = 0.5;
/** About what the embedder reads of one text. */
const PIECE_LENGTH = 800;
/** Beyond this many pieces a text is sampled evenly: a topic is not hidden in one sentence of a book. */
const MAX_PIECES = 64;

/** Rejects, and so denies, where the embedder is not there. */
export function topicsGuard(topics: readonly TopicRule[], embed: Embed): readonly Guard[] {
  const byStages = Map.groupBy(topics, ({ stages = ['input'] }) => [...stages].sort().join());
  return [...byStages.values()].map((group) => {
    const { stages = ['input'] } = group[0] ?? {};
    let examples: Promise<readonly Example[]> | undefined;
    const check = async (texts: readonly string[], signal: AbortSignal): Promise<Verdict<never>> => {
      const pieces = piecesOf(texts);
      if (pieces.length === 0) return { type: 'allow' };
      examples ??= embedExamples(group, embed).catch((thrown: unknown) => {
        // The embedder may be there the next time.
        examples = undefined;
        throw thrown;
      });
      const vectors = await embed(pieces, signal);
      return judge(group, await examples, vectors);
    };
    return textGuard('topics', check, stages);
  });
}

interface Example {
  readonly topic: TopicRule;
  readonly vector: Float32Array;
}

async function embedExamples(topics: readonly TopicRule[], embed: Embed): Promise<readonly Example[]> {
  const pairs = topics.flatMap((topic) => topic.examples.map((text) => ({ topic, text })));
  // Whoever no longer waits for this answer does not take the examples from those who do.
  const vectors = await embed(
    pairs.map(({ text }) => text),
    new AbortController().signal,
  );
  return pairs.flatMap(({ topic }, index) => {
    const vector = vectors[index];
    return vector === undefined ? [] : [{ topic, vector }];
  });
}

function judge(
  topics: readonly TopicRule[],
  examples: readonly Example[],
  pieces: readonly Float32Array[],
): Verdict<never> {
  const isOf = ({ topic, vector }: Example): boolean =>
    pieces.some((piece) => dot(piece, vector) >= (topic.threshold ?? DEFAULT_THRESHOLD));
  const refused = examples.find((example) => example.topic.action !== 'allow' && isOf(example));
  if (refused !== undefined) return { type: 'deny', reason: `it is about ${refused.topic.name}` };
  const allowed = topics.filter(({ action }) => action === 'allow');
  if (allowed.length === 0 || examples.some((example) => example.topic.action === 'allow' && isOf(example))) {
    return { type: 'allow' };
  }
  return { type: 'deny', reason: `it is about none of ${allowed.map(({ name }) => name).join(', ')}` };
}

function piecesOf(texts: readonly string[]): readonly string[] {
  const pieces = texts.flatMap((text) => {
    const parts: string[] = [];
    for (let start = 0; start < text.length; start += PIECE_LENGTH)
      parts.push(text.slice(start, start + PIECE_LENGTH));
    return parts.filter((part) => part.trim() !== '');
  });
  if (pieces.length <= MAX_PIECES) return pieces;
  return Array.from(
    { length: MAX_PIECES },
    (_, index) => pieces[Math.floor((index * pieces.length) / MAX_PIECES)] ?? '',
  );
}
