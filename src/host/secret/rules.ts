/**
 * The maintained rule set of secretlint, run as plain functions over a text: its own runner works out line numbers,
 * translations and documentation links, which nobody here reads.
 */
import type { SecretLintRuleCreator, SecretLintSourceCode } from '@secretlint/types';

import type { Secret } from './secret.ts';

/** What is left out: the text itself may not switch rules off, and our own shapes mask less of a URL or a key file. */
const LEFT_OUT = new Set(
  ['filter-comments', 'basicauth', 'database-connection-string', 'privatekey', 'gcp'].map(
    (name) => `@secretlint/secretlint-rule-${name}`,
  ),
);

type Find = (text: string) => readonly Secret[];

let find: Find | undefined;
let loading: Promise<void> | undefined;

/** Once loaded, every detector of this process uses the rules. */
export function loadRules(): Promise<void> {
  loading ??= import('@secretlint/secretlint-rule-preset-recommend').then(({ rules }) => {
    const runners = rules.filter(({ meta }) => !LEFT_OUT.has(meta.id)).map(runner);
    find = (text) => runners.flatMap((run) => run(text));
  });
  return loading;
}

export function rulesLoaded(): boolean {
  return find !== undefined;
}

/** Nothing before `loadRules` resolved. */
export function findByRules(text: string): readonly Secret[] {
  return find?.(text) ?? [];
}

function runner(rule: SecretLintRuleCreator): Find {
  const found: Secret[] = [];
  let content = '';
  const handlers = rule.create(
    {
      sharedOptions: {},
      createTranslator: () => (messageId, data) => ({ message: '', messageId: String(messageId), data }),
      ignore: () => undefined,
      report: ({ message, range }) => {
        const values = Object.values(message.data ?? {}).filter((value) => typeof value === 'string');
        found.push({ ...exactRange(content, range, values), kind: kindOf(message.messageId) });
      },
    },
    {},
  );
  return (text) => {
    content = text;
    found.length = 0;
    void handlers.file?.(sourceOf(text));
    return [...found];
  };
}

function sourceOf(content: string): SecretLintSourceCode {
  const nowhere = { line: 1, column: 0 };
  return {
    content,
    hasBOM: false,
    contentType: 'text',
    ext: '.txt',
    filePath: undefined,
    physicalFilePath: undefined,
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    indexToPosition: () => nowhere,
    positionToIndex: () => 0,
    rangeToLocation: () => ({ start: nowhere, end: nowhere }),
    locationToRange: () => [0, 0],
  };
}

/** Some rules report the place of the whole match with the length of the secret inside; the reported value tells it. */
function exactRange(
  text: string,
  [start, end]: readonly [number, number],
  values: readonly string[],
): { readonly start: number; readonly end: number } {
  const value = values.filter((one) => one.length === end - start).at(0);
  const at = value === undefined ? -1 : text.indexOf(value, start);
  return at === -1 || value === undefined ? { start, end } : { start: at, end: at + value.length };
}

/** `GITHUB_TOKEN`, `AWSSecretAccessKey` → `github-token`, `aws-secret-access-key` */
function kindOf(messageId: string): string {
  return messageId
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1-$2')
    .replaceAll('_', '-')
    .toLowerCase();
}
