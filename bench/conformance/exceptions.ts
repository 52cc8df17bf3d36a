/** What need not pass through as it passes directly, each with the sentence of the specification that says so. */
import type { UpstreamEra } from './targets.ts';

export interface Exception {
  readonly requirements: readonly string[];
  /** Any where it is left out. */
  readonly upstream?: UpstreamEra;
  readonly scenario: string;
  /** How the keys of the checks begin. */
  readonly checks: readonly string[];
  readonly why: string;
  readonly quote: string;
  readonly source: string;
}

const KEYS = {
  requirements: ['2026-07-28'],
  upstream: 'legacy',
  why: 'The scenario expects the key "user_name". A request of a server of the 2025 era has no key, so the gateway assigns one.',
  quote: 'Keys are server-assigned string identifiers',
  source: '2026-07-28: basic/patterns/mrtr',
} as const;

export const EXCEPTIONS: readonly Exception[] = [
  { ...KEYS, scenario: 'input-required-result-basic-elicitation', checks: ['sep-2322-elicitation-'] },
  {
    ...KEYS,
    scenario: 'input-required-result-ignore-extra-params',
    checks: ['sep-2322-ignore-unexpected-params'],
  },
  {
    requirements: ['2025-11-25', '0.1.16'],
    scenario: 'server-sse-multiple-streams',
    checks: ['server-sse-streams-functional'],
    why: 'It is looked at where answers are streams. The gateway answers a list as one JSON object, which the scenario accepts.',
    quote:
      'the server MUST either return Content-Type: text/event-stream, to initiate an SSE stream, or Content-Type: application/json, to return one JSON object',
    source: '2025-11-25: basic/transports',
  },
];
