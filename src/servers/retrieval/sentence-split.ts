const segmenter = lazySegmenter();

export type Span = { readonly start: number; readonly end: number };

/** The sentences of a text (Unicode UAX #29) without the white space around them. A line break does not end a sentence. */
export function sentenceSpans(text: string): readonly Span[] {
  const unwrapped = text.replaceAll(/[\r\n\u2028\u2029]/g, ' ');
  const spans: Span[] = [];
  for (const { segment, index } of segmenter().segment(unwrapped)) {
    const trimmed = segment.trim();
    if (trimmed === '') continue;
    const start = index + segment.indexOf(trimmed);
    spans.push({ start, end: start + trimmed.length });
  }
  return spans;
}

function lazySegmenter(): () => Intl.Segmenter {
  let made: Intl.Segmenter | undefined;
  return () => {
    made ??= new Intl.Segmenter('en', { granularity: 'sentence' });
    return made;
  };
}
