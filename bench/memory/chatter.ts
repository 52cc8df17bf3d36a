/** What people say to an assistant all day and nobody needs to remember. */
export const CHATTER: readonly (readonly [request: string, answer: string])[] = [
  ['How many grams are in four ounces?', 'Four ounces are about 113 grams.'],
  ['Give me a synonym for brisk.', 'Lively, quick or keen, depending on the sentence.'],
  ['The train was late again and the coffee was cold.', 'That is an annoying start. What shall we do first?'],
  [
    'Write a haiku about fog.',
    'Grey breath on the pane; the hill has forgotten its name; a crow draws a line.',
  ],
  ['Is a tomato a fruit?', 'Botanically it is a berry; in the kitchen it counts as a vegetable.'],
  ['Explain what a mutex does in one sentence.', 'It lets one thread at a time into a section of code.'],
  ['What rhymes with orange?', 'Hardly anything does; "door hinge" comes closest.'],
  ['Thanks, that helped a lot!', 'You are welcome.'],
  ['Sort these words: pear, fig, apple.', 'apple, fig, pear'],
  ['I did not sleep well, so keep it short today.', 'Of course.'],
  ['What is the square root of 1764?', '42.'],
  ['Translate "good evening" into Portuguese.', 'Boa noite.'],
  ['Why is the sky blue?', 'Air scatters short waves of light more than long ones.'],
  ['Undo the last edit, please.', 'Done, the paragraph reads as it did before.'],
  ['How does one spell rhythm?', 'r-h-y-t-h-m.'],
  [
    'Tell me something about otters.',
    'Sea otters hold hands while they sleep so that they do not drift apart.',
  ],
  [
    'The build is red, look at the third job.',
    'The third job fails because a file is missing from the archive.',
  ],
  ['What does idempotent mean?', 'Doing it twice leaves the same state as doing it once.'],
  ['Shorten this: we would like to take the opportunity to thank you.', 'Thank you.'],
  ['Wie viele Tage hat der Februar im Schaltjahr?', 'Neunundzwanzig.'],
  ['Das Wetter ist heute schrecklich.', 'Dann lieber etwas für drinnen.'],
  ['Formuliere das bitte höflicher: Wo bleibt die Antwort?', 'Dürfte ich höflich an meine Anfrage erinnern?'],
  ['Is there a faster way to reverse a list?', 'In place it needs only half of the swaps.'],
  [
    'What should I cook with leeks and potatoes?',
    'A soup: sweat the leeks, add potatoes and stock, simmer and blend.',
  ],
  ['Could you read the log and say what is odd?', 'The same request is sent twice within a second.'],
];

/** With `{s}` for something that a fact is about: close to an answer, and none. */
export const ASIDES: readonly string[] = [
  'Somebody mentioned {s} again today, nothing that matters.',
  'I had to think of {s} on the way home.',
  'We will talk about {s} some other time.',
];
