import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

import { expect, test } from 'vitest';

test('importing the registry loads no MCP SDK, no schema checker and no breaker', () => {
  const index = join(import.meta.dirname, '../../src/registry/index.ts');
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(index)});
    console.log(JSON.stringify(loaded));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const loaded = (JSON.parse(output) as string[]).join('\n');
  expect(loaded).toContain('registry/catalog.ts');
  for (const heavy of ['@modelcontextprotocol', '/ajv/', '/cockatiel/', '/zod/'])
    expect(loaded).not.toContain(heavy);
});
