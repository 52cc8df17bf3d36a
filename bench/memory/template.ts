/** How facts of one kind are said, changed and asked about. */
export interface Template {
  /** What the fact is about. An entry of memory must name it to count as an answer. */
  readonly subjects: readonly string[];
  /** As many as there are subjects and changes. */
  readonly values: readonly string[];
  /** With `{s}` for the subject and `{v}` for the value. */
  readonly said: readonly string[];
  /** Besides these, `{o}` for the value of before. */
  readonly changed: readonly string[];
  /** In other words than `said`, as a person asks who has forgotten them. */
  readonly asked: readonly string[];
  /** What nothing was ever said about. */
  readonly unknown: readonly [string, string];
}
