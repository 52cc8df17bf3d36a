import { describe, expect, test } from 'vitest';

import { complexityOf, type Domain } from '../../../../src/host/model/routing/complexity.ts';

const REFACTORING = `Refactor the payment module in src/pay.ts into three services and keep the public API.
1. Migrate the unit tests, without changing what they check.
2. Explain the trade-offs of the split.
3. Write a migration plan for the database, at most two pages.`;

const CASES: readonly {
  readonly request: string;
  readonly from: number;
  readonly to: number;
  readonly domain: Domain;
}[] = [
  { request: '', from: 0, to: 0, domain: 'general' },
  { request: 'Hi there!', from: 0, to: 0, domain: 'general' },
  { request: 'What is 2+2', from: 0, to: 0, domain: 'general' },
  { request: 'What is the capital of France?', from: 0, to: 5, domain: 'general' },
  { request: 'Thanks, that is all.', from: 0, to: 0, domain: 'general' },
  { request: 'What does `git rebase` do?', from: 6, to: 20, domain: 'code' },
  { request: 'Write a short poem about the sea.', from: 5, to: 15, domain: 'writing' },
  {
    request:
      'A baker sells 24 loaves a day for 3 euros each. Flour costs 18 euros and wages cost 30 euros per day. How much profit is left over after 7 days?',
    from: 15,
    to: 35,
    domain: 'math',
  },
  {
    request: 'Prove that the sum of two even integers is even, with an equation.',
    from: 24,
    to: 45,
    domain: 'math',
  },
  {
    request: 'Why did the Roman republic fall, and what were the consequences?',
    from: 10,
    to: 30,
    domain: 'reasoning',
  },
  { request: 'Wie weit ist es von Berlin bis Hamburg?', from: 10, to: 20, domain: 'general' },
  { request: '从北京到上海的高铁需要多长时间？', from: 10, to: 30, domain: 'general' },
  {
    request: 'Debug this race condition:\n```go\ngo func() { n++ }()\n```',
    from: 15,
    to: 40,
    domain: 'code',
  },
  { request: REFACTORING, from: 60, to: 100, domain: 'code' },
];

describe('the complexity of a request', () => {
  test.each(CASES)('of “$request” is from $from to $to', ({ request, from, to, domain }) => {
    const found = complexityOf(request);
    expect(found.score, found.reasons.join('\n')).toBeGreaterThanOrEqual(from);
    expect(found.score, found.reasons.join('\n')).toBeLessThanOrEqual(to);
    expect(found.domain).toBe(domain);
  });

  test('is the sum of its reasons, which say what was seen', () => {
    const { score, reasons } = complexityOf('Explain why `a.sort()` is not stable in this engine.');
    const points = reasons.map((reason) => Number(/^\+(\d+) \S/.exec(reason)?.[1]));
    expect(points.reduce((total, one) => total + one, 0)).toBe(score);
    expect(reasons.join('\n')).toContain('reasoning: explain, why');
    expect(reasons.join('\n')).toContain('code: names or lines of it');
  });

  test('never passes 100, however much is asked', () => {
    const { score } = complexityOf(Array.from({ length: 60 }, () => REFACTORING).join('\n'));
    expect(score).toBe(100);
  });

  test('counts what surrounds the request, and says so', () => {
    const plain = complexityOf('What is on my calendar today?');
    const within = complexityOf('What is on my calendar today?', { toolCount: 30, historyTokens: 20_000 });
    expect(within.score - plain.score).toBe(17);
    expect(within.reasons.join('\n')).toMatch(/tools: 30 at hand\n.*history: about 20000 tokens/);
  });

  test('takes what was pasted along for material, and not for words of the person', () => {
    const pasted = Array.from({ length: 30 }, (_, line) => `> ${line}. Explain why you must design this?`);
    const { reasons } = complexityOf(`Shorten this:\n${pasted.join('\n')}`);
    expect(reasons.join('\n')).not.toMatch(/asks|reasoning|conditions/);
    expect(reasons.join('\n')).toContain('material: 210 words pasted along');
  });

  test('of a short request that goes on is that of the hardest of the last ones', () => {
    const { score, domain } = complexityOf(REFACTORING);
    const before = [REFACTORING, 'Thanks.', 'Really?'];
    const goesOn = complexityOf('Yes, do that.', { before });
    expect(goesOn).toMatchObject({ score, domain });
    expect(goesOn.reasons).toEqual([`+${score} goes on: a request before it has ${score}`]);
    expect(complexityOf('Yes, do that.', { before: [...before, 'And?'] }).score).toBe(0);
    const another = 'Now tell me in a few words what the capital of France is called';
    expect(complexityOf(another, { before }).score).toBe(complexityOf(another).score);
  });

  test('does not take the answers of a multiple choice for so many asks', () => {
    const { reasons } = complexityOf(
      'Which gas do plants take in?\nA. Oxygen\nB. Nitrogen\nC. Carbon dioxide\nD. Helium',
    );
    expect(reasons.join('\n')).not.toContain('asks');
  });

  test.each(['the quick brown fox, and then? ', 'a', '`', 'x(', '1.', '> ', '\n- '])(
    'comes to an end for a megabyte of “%s”',
    (piece) => {
      const { score } = complexityOf(piece.repeat(Math.ceil(1_000_000 / piece.length)));
      expect(score).toBeLessThanOrEqual(100);
    },
    20_000,
  );
});
