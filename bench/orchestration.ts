/** What the patterns cost over bare calls, beside others; many runs at once; long conversations; wide maps. */
import { contestants, installPeers } from './orchestration/contestants.ts';
import { measureCrowd } from './orchestration/crowd.ts';
import { measureLong } from './orchestration/long.ts';
import { measurePatterns } from './orchestration/patterns.ts';
import { measureWide } from './orchestration/wide.ts';
import { printVersions } from './report.ts';

const PARTS = ['patterns', 'crowd', 'long', 'wide'] as const;

/** `npm run bench -- orchestration` runs all; with the names of parts, those alone. */
export async function main(argv: readonly string[]): Promise<void> {
  const parts = new Set<string>(argv.length === 0 ? PARTS : argv);
  printVersions(['@ai-sdk/anthropic']);
  const hasPeers = (parts.has('patterns') || parts.has('crowd')) && (await installPeers());
  if (parts.has('patterns')) await measurePatterns(contestants(hasPeers));
  if (parts.has('crowd')) await measureCrowd(hasPeers);
  if (parts.has('long')) await measureLong();
  if (parts.has('wide')) await measureWide();
}
