/** What is answered without asking a small model: it would call a tool for a greeting, and make up what it cannot do. */

/** Undefined for a question. */
export function cannedReply(request: string): string | undefined {
  const text = request
    .trim()
    .toLowerCase()
    .replaceAll(/[’']/g, "'")
    .replaceAll(/[\s.!?,;:)(]+$/g, '');
  if (GREETING.test(text)) return `Hello. ${ABILITIES}`;
  if (THANKS.test(text)) return 'You are welcome.';
  if (FAREWELL.test(text)) return 'Goodbye.';
  if (HELP.test(text)) return ABILITIES;
  const task = text.replace(POLITE, '');
  return TASK.test(task) ? UNABLE : undefined;
}

const ABILITIES =
  'I am a small local model. Ask me one question: I look it up with one reading tool, in your documents, files, memory or on the web, and show what I found with its source. For more, set a key or name a larger model ("switchyard models").';

const UNABLE =
  'A small local model only looks things up: it writes, creates, changes and sends nothing, and makes no plans. ' +
  'Call a tool yourself ("switchyard tools", "switchyard call"), or set a key or name a larger model ("switchyard models").';

const GREETING =
  /^(hi|hey|hello|hallo|good (morning|afternoon|evening|day)|greetings|yo)( (there|all|everyone|switchyard))?$/;
const THANKS = /^(many )?(thanks|thank you|thx|cheers)( (a lot|very much|so much|again))?$/;
const FAREWELL = /^(bye|goodbye|good night|see you( later| soon)?)$/;
const HELP =
  /^(help( me)?|what can you do( for me)?|who are you|what are you|how (can|do) i use (you|this)|what is this)$/;
const POLITE =
  /^((please|kindly|now|then|ok|okay|hey|hi|hello|just)[\s,]+)*((can|could|would|will) you (please )?|i(?:'d| would)? (want|need|like) you to |you (should|must) |let's |let us |help me (to )?)?(please )?/;
/** At the beginning of a request, where a question has its question word. */
const TASK =
  /^(write|compose|draft|create|make|build|generate|produce|invent|imagine|design|draw|paint|sing|tell me a (story|joke|poem)|send|mail|email|post|publish|upload|save|store|edit|change|modify|update|replace|insert|append|add|delete|remove|erase|rename|move|copy|install|run|execute|start|stop|restart|deploy|book|buy|order|schedule|remind|translate|rewrite|refactor|fix|implement|code|program|solve|calculate|plan)\b/;
