import { beforeAll, describe, expect, test } from 'vitest';

import { createSecretDetector } from '../../../src/host/secret/detector.ts';
import { loadRules } from '../../../src/host/secret/rules.ts';
import { findWritten } from '../../../src/host/secret/written.ts';

const detector = createSecretDetector({ known: [] });
const found = (text: string, name?: string): string[] =>
  findWritten(detector, text, name).map(({ start, end }) => text.slice(start, end));

beforeAll(loadRules);

describe('is a secret, whole:', () => {
  test.each([
    ['NOTION_API_KEY', 'ntn_1234567890abcdefghijklmnopqrstuvwxyzABCDEF'],
    ['INTEGRATION', 'secret_4fD9sK2lPq8Zx71mNpR5vT0cYbW4sHdE6uAJk39fj2'],
    ['FIRECRAWL', 'fc-1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d'],
    ['SUPABASE', 'sbp_1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b'],
    ['AIRTABLE', 'patAbCdEfGhIjKlMn.1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d'],
    ['SENTRY', 'sntrys_eyJpYXQiOjE3MDAwMDAwMDAuMTIzNDU2fQ==_abcdefghijk'],
    ['AWS_SECRET_ACCESS_KEY', '/wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY1'],
    ['AWS_ACCESS_KEY_ID', 'AKIAQWERTYUIOPASDFGH'],
    ['API_KEY', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
    ['PASSWORD', 'correct horse'],
    ['SMTP_PASS', 'hunter22'],
    ['CLIENT_SECRET', 'abcdef'],
    ['key', 'abcd1234efgh'],
  ])('%s=%s', (name, value) => {
    expect(found(value, name)).toEqual([value]);
  });
});

test('of an address only what is secret in it', () => {
  expect(found('postgresql://user:p4ssw0rd@host:5432/db', 'PG')).toEqual(['p4ssw0rd']);
  expect(found('https://mcp.example.com/s/abc123def456ghi789jkl/mcp?key=short-one&page=2')).toEqual([
    'abc123def456ghi789jkl',
    'short-one',
  ]);
  expect(found('Bearer abcdefgh', 'Authorization')).toEqual(['abcdefgh']);
});

describe('is no secret:', () => {
  test.each([
    ['NODE_ENV', 'production'],
    ['TOOL', '/nix/store/9hxk2s8d7f6g5h4j3k2l1z0x-tool/bin'],
    ['HOST', 'db-1.eu-west-1.rds.amazonaws.com'],
    ['URL', 'https://api.example.com/v1/things?limit=100&page_token=abc'],
    ['MODEL', 'claude-sonnet-4-5-20250929'],
    ['PROJECT_ID', 'my-project-123456abcdef7890'],
    ['MEMORY_FILE_PATH', '/Users/me/memory.json'],
    ['WINDOWS', 'C:\\Users\\me\\AppData\\Local\\Programs\\server-1.2.3.exe'],
    ['EMAIL', 'me@example.com'],
    ['TOKEN_LIMIT', '4096'],
    ['MAX_TOKEN', '4096'],
    ['CHANNELS', 'C01234567,C76543210'],
    ['PASSWORD_FILE', '/run/secrets/pw'],
    ['GOOGLE_APPLICATION_CREDENTIALS', '/srv/google-2024.json'],
    ['IMAGE', 'ghcr.io/a/b@sha256:1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d'],
    ['AUTH', 'none'],
    ['SECRETS_ENABLED', 'true'],
  ])('%s=%s', (name, value) => {
    expect(found(value, name)).toEqual([]);
  });
});
