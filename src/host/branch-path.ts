/** What an agent does within its branch: its turns, their calls, and what it fits, recalls or attaches. */
const WITHIN_AGENT = /(?:^|\/)(?:turn-\d+|call-\d+|fit|recall|choose)(?:\/.*)?$/;

/** The branch of a workflow in which something happens: `1:search` of `1:search/turn-2/call-1`, '' of the run's own turns. */
export function branchOf(path: string): string {
  return path.replace(WITHIN_AGENT, '');
}
