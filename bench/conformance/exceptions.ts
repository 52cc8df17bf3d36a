/** What cannot pass from one era to the other, each with the sentence of the specification that says so. */
import type { UpstreamEra } from './targets.ts';

export interface Exception {
  readonly requirements: string;
  readonly upstream: UpstreamEra;
  readonly scenario: string;
  /** How the keys of the checks begin. */
  readonly checks: readonly string[];
  readonly quote: string;
  readonly source: string;
}

export const EXCEPTIONS: readonly Exception[] = [];
