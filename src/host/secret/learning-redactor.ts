import { createRedactor, type Redactor } from './redactor.ts';
import type { SecretDetectorOptions } from './detector.ts';

/** A redactor that is told of more secrets while it is used. What was a secret once stays one. */
export interface LearningRedactor extends Redactor {
  learn(secrets: readonly string[]): void;
}

export function createLearningRedactor(options: SecretDetectorOptions): LearningRedactor {
  const known = new Set(options.known);
  let redactor = createRedactor(options);
  return {
    get detector() {
      return redactor.detector;
    },
    text: (text) => redactor.text(text),
    value: (value) => redactor.value(value),
    largeValue: (value) => redactor.largeValue(value),
    learn(secrets) {
      const before = known.size;
      for (const secret of secrets) known.add(secret);
      if (known.size > before) redactor = createRedactor({ ...options, known: [...known] });
    },
  };
}
