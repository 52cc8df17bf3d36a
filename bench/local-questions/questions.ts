/**
 * The questions, committed before any of them was asked. They are not changed because of how they were answered: a
 * program that is tuned to its questions says nothing. HELD_OUT is for looking at afterwards only.
 */

export interface LocalQuestion {
  readonly text: string;
  /**
   * What a right answer says, by letters and digits without regard to case, and the file it cites. Undefined: nothing that
   * is indexed holds the answer, and the right thing to say is just that.
   */
  readonly answer?: { readonly words: readonly string[]; readonly source: string };
}

export const QUESTIONS: readonly LocalQuestion[] = [
  {
    text: 'Which exit code does Switchyard end with when a limit stopped the run?',
    answer: { words: ['3'], source: 'docs/command-line.md' },
  },
  {
    text: 'How many turns may one run take by default?',
    answer: { words: ['25'], source: 'docs/configuration.md' },
  },
  {
    text: 'After how many days are log files deleted by default?',
    answer: { words: ['14'], source: 'docs/configuration.md' },
  },
  {
    text: 'How many times is a failed model call retried?',
    answer: { words: ['three'], source: 'docs/models.md' },
  },
  {
    text: 'Which command accepts the servers that a config starts?',
    answer: { words: ['config trust'], source: 'docs/' },
  },
  {
    text: 'Which search services can the web server use?',
    answer: { words: ['Brave', 'Tavily'], source: 'docs/servers.md' },
  },
  {
    text: 'How does the retrieval server fuse words and vectors?',
    answer: { words: ['reciprocal rank'], source: 'docs/servers.md' },
  },
  {
    text: 'What does a second Ctrl-C do?',
    answer: { words: ['ends the program at once'], source: 'docs/command-line.md' },
  },
  {
    text: 'Which full-text index is used to search by words?',
    answer: { words: ['FTS5'], source: 'docs/decisions/0003-words-in-sqlite.md' },
  },
  {
    text: 'What colour were the eyes of the White Rabbit?',
    answer: { words: ['pink'], source: 'alice.md' },
  },
  {
    text: 'What was written on the jar that Alice took from the shelf?',
    answer: { words: ['ORANGE MARMALADE'], source: 'alice.md' },
  },
  { text: "What is the name of Alice's cat?", answer: { words: ['Dinah'], source: 'alice.md' } },
  {
    text: 'How tall was Alice after she had drunk from the bottle?',
    answer: { words: ['ten inches'], source: 'alice.md' },
  },
  {
    text: 'Which words were marked in currants on the cake?',
    answer: { words: ['EAT ME'], source: 'alice.md' },
  },
  {
    text: 'Who was sitting asleep between the March Hare and the Hatter?',
    answer: { words: ['Dormouse'], source: 'alice.md' },
  },
  {
    text: 'What did the three little sisters live on?',
    answer: { words: ['treacle'], source: 'alice.md' },
  },
  { text: 'How much does a licence of Switchyard cost per month?' },
  { text: "What is the name of Alice's brother?" },
  { text: 'Who drew the illustrations of the book about Alice?' },
  { text: 'What is the capital of Australia?' },
];

export const HELD_OUT: readonly LocalQuestion[] = [
  {
    text: 'How long may one run take by default?',
    answer: { words: ['600000'], source: 'docs/configuration.md' },
  },
  {
    text: 'Which events are not stored?',
    answer: { words: ['deltas'], source: 'docs/events.md' },
  },
  {
    text: 'Which exit code means that the program was interrupted?',
    answer: { words: ['130'], source: 'docs/command-line.md' },
  },
  {
    text: 'What is the longest name that a tool may have?',
    answer: { words: ['47'], source: 'docs/configuration.md' },
  },
  {
    text: 'How does the filesystem server write a file?',
    answer: { words: ['atomic'], source: 'docs/servers.md' },
  },
  {
    text: 'What did the mixed flavour of the drink remind Alice of?',
    answer: { words: ['cherry-tart'], source: 'alice.md' },
  },
  {
    text: 'What were the names of the three little sisters?',
    answer: { words: ['Elsie', 'Lacie', 'Tillie'], source: 'alice.md' },
  },
  {
    text: 'How deep was the pool that Alice wept?',
    answer: { words: ['four inches'], source: 'alice.md' },
  },
  { text: 'At which university did the author of Switchyard study?' },
  { text: 'How old is the Queen of Hearts?' },
];

/** Nothing may be written for this one, whatever the model makes of it. */
export const POEM = 'Write a poem about the sea and save it as poem.txt.';
