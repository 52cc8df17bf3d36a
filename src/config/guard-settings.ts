/** What `guards` of the config comes to. */
export interface GuardSettings {
  /** Masks secrets in requests, results and answers; in events and logs they are masked in any case. */
  readonly secrets: boolean;
  /** What becomes of a result that reads like instructions to the model. */
  readonly injection: 'mark' | 'ask' | 'deny' | 'off';
  /** `stream` shows an answer as it comes; `whole` when it was checked. */
  readonly output: 'stream' | 'whole';
  readonly maxCharacters: Readonly<Partial<Record<GuardStageName, number>>>;
  readonly content: readonly ContentRule[];
  readonly topics: readonly TopicRule[];
  readonly pii?: PiiRule;
}

export const GUARD_STAGES = ['input', 'tool-call', 'tool-result', 'output'] as const;
export type GuardStageName = (typeof GUARD_STAGES)[number];

/** A text that holds one of `deny`, or none of `allow` where that is given, is refused. */
export interface ContentRule {
  /** Whole words without regard to case, or RE2 patterns between slashes: `/pro(ject)? x/i`. */
  readonly deny?: readonly string[];
  readonly allow?: readonly string[];
  readonly stages?: readonly GuardStageName[];
  readonly action?: 'deny' | 'ask';
  /** Told to the person and to the model. */
  readonly reason?: string;
}

/** A text near one of `deny`'s examples, or near none of those of the topics that are allowed, is refused. */
export interface TopicRule {
  readonly name: string;
  /** Sentences as a person would say them. */
  readonly examples: readonly string[];
  /** Cosine similarity from which on a text is of this topic. */
  readonly threshold?: number;
  readonly action?: 'deny' | 'allow';
  readonly stages?: readonly GuardStageName[];
}

export interface PiiRule {
  readonly entities: readonly PiiEntity[];
  readonly action: 'mask' | 'deny';
  readonly stages: readonly GuardStageName[];
}

export const PII_ENTITIES = [
  'age',
  'credit-card',
  'date',
  'email',
  'iban',
  'ip-address',
  'nationality',
  'organization',
  'person',
  'phone',
  'place',
  'street-address',
  'title',
  'url',
  'us-driver-license',
  'us-ssn',
  'zip-code',
] as const;
export type PiiEntity = (typeof PII_ENTITIES)[number];

/** What names one person or reaches one, and is told from other text with few mistakes. */
const DEFAULT_ENTITIES: readonly PiiEntity[] = [
  'credit-card',
  'email',
  'iban',
  'ip-address',
  'phone',
  'us-ssn',
];

/** What is sent to a tool is what a person or a model means to send. */
const PII_STAGES: readonly GuardStageName[] = ['input', 'tool-result', 'output'];

export type WrittenGuards = Partial<Omit<GuardSettings, 'output' | 'pii'>> & {
  readonly output?: GuardSettings['output'];
  readonly pii?: Partial<PiiRule>;
};

export function guardSettings(written: WrittenGuards = {}): GuardSettings {
  const { pii, ...rest } = written;
  const settings = {
    secrets: true,
    injection: 'mark' as const,
    maxCharacters: {},
    content: [],
    topics: [],
    ...rest,
    ...(pii === undefined
      ? {}
      : { pii: { entities: DEFAULT_ENTITIES, action: 'mask' as const, stages: PII_STAGES, ...pii } }),
  };
  return { ...settings, output: written.output ?? (refusesAnswers(settings) ? 'whole' : 'stream') };
}

/** What was shown cannot be taken back: an answer that may be refused, or needs sentences to be checked, is shown whole. */
function refusesAnswers(settings: Omit<GuardSettings, 'output'>): boolean {
  const ofOutput = (stages: readonly GuardStageName[] | undefined) => stages?.includes('output') === true;
  return (
    ofOutput(settings.pii?.stages) ||
    settings.maxCharacters.output !== undefined ||
    settings.content.some(({ stages = GUARD_STAGES }) => ofOutput(stages)) ||
    settings.topics.some(({ stages }) => ofOutput(stages))
  );
}
