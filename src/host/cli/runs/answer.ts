/** Answers what a run asks a person, and sends it signals, from any terminal. */
import { homeFolder } from '../../../config/environment.ts';
import { HostError, messageOf } from '../../../errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../json.ts';
import type { RunRow } from '../../engine/durable/run-rows.ts';
import { RunStore } from '../../engine/durable/run-store.ts';
import { isEnded, runEnded } from '../../engine/run-status.ts';
import { type AskedQuestion, openQuestions } from '../../person/question.ts';
import { openState } from '../../state.ts';
import { validateArguments } from '../../tool-call/validate.ts';
import { continueRuns, type LeftRun, leftRun } from '../continue-runs.ts';
import type { AnswerFlags } from '../runs-commands.ts';
import { isInteractive, oneLine, printable, processOutput } from '../terminal.ts';
import { Person } from '../person.ts';

/**
 * Without an answer the person at the terminal is asked, or the questions are listed where nobody is there. A run that no live
 * process has goes on here. Rejects with HostError `unknown-run`, `run-ended`, `usage`.
 */
export async function answer(
  idOrBeginning: string,
  words: string | undefined,
  flags: AnswerFlags,
): Promise<void> {
  const given = await recordAnswer(idOrBeginning, words, flags);
  if (given !== undefined && flags.resume !== false) process.exitCode = await continueRuns([given], flags);
}

/** Wakes what waits for it. Rejects like `answer`. */
export async function signal(
  idOrBeginning: string,
  name: string,
  json: string | undefined,
  flags: AnswerFlags,
): Promise<void> {
  const value = json === undefined ? null : parsed(json);
  const left = send(idOrBeginning, name, value);
  if (flags.resume !== false) process.exitCode = await continueRuns([left], flags);
}

function send(idOrBeginning: string, name: string, value: Json): LeftRun {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const { run } = store.get(idOrBeginning);
  const left = leftRun(state, store, run.id);
  store.signal(run.id, name, JSON.stringify(value));
  processOutput().status(`Run ${run.id} was sent the signal "${printable(name)}".`);
  return left;
}

/** The run as it stood before; undefined where nothing was answered. */
async function recordAnswer(
  idOrBeginning: string,
  words: string | undefined,
  flags: AnswerFlags,
): Promise<LeftRun | undefined> {
  using state = openState(homeFolder());
  const store = new RunStore(state, homeFolder());
  const row = store.get(idOrBeginning);
  if (isEnded(row.status)) throw runEnded(row.run.id, row.status);
  const open = openQuestions(store.events(row).map(({ event }) => event));
  if (open.length === 0) throw new HostError('usage', `Run ${row.run.id} asks nobody anything.`);
  const asks = words !== undefined || flags.decline === true || isInteractive();
  if (!asks) {
    await list(row, open, flags);
    return undefined;
  }
  const question = chosen(row, open, flags.question);
  requireWaiting(row, question, store);
  const value =
    flags.decline === true
      ? { action: 'decline' }
      : words === undefined
        ? await asked(row, question)
        : { action: 'accept', content: contentOf(question, words) };
  if (value === undefined) return undefined;
  const left = leftRun(state, store, row.run.id);
  store.signal(row.run.id, question.signal, JSON.stringify(value));
  processOutput().status(`Run ${row.run.id} has its answer.`);
  return left;
}

/** What was sent is taken when the run goes on; a second answer would be taken for that of its next question. */
function requireWaiting({ key, run }: RunRow, { signal: name }: AskedQuestion, store: RunStore): void {
  const taken = store
    .events({ key, run })
    .filter(({ event }) => event.type === 'question' && event.signal === name).length;
  if (store.signals(key, name).length < taken) return;
  throw new HostError(
    'usage',
    `It was answered already. Go on with the run: switchyard runs resume ${run.id}`,
  );
}

function chosen({ run }: RunRow, open: readonly AskedQuestion[], number: number | undefined): AskedQuestion {
  const [only, ...others] = open;
  const question = number === undefined && others.length === 0 ? only : open[(number ?? 0) - 1];
  if (question !== undefined) return question;
  const lines = open.map(({ message }, index) => `  ${index + 1}  ${oneLine(printable(message), 200)}`);
  throw new HostError(
    'usage',
    `Run ${run.id} asks ${open.length} questions. Say which with --question <number>:\n${lines.join('\n')}`,
  );
}

async function list(
  { run }: RunRow,
  open: readonly AskedQuestion[],
  { json = false }: AnswerFlags,
): Promise<void> {
  const told = open.map(({ message, schema, path }, index) => ({ number: index + 1, path, message, schema }));
  if (json) return processOutput().data(`${JSON.stringify(told, null, 2)}\n`);
  const lines = told.map(
    ({ number, message, schema }) => `${number}  ${printable(message)}\n   ${hint(schema)}`,
  );
  await processOutput().data(`${lines.join('\n')}\nTo answer: switchyard runs answer ${run.id} "…"\n`);
}

function hint(schema: JsonObject): string {
  const names = Object.keys(propertiesOf(schema));
  if (names.length === 1 && names[0] === 'answer') return 'in words';
  return 'approved' in propertiesOf(schema) ? 'yes or no, and why' : `JSON with ${names.join(', ')}`;
}

async function asked({ run }: RunRow, { message, schema }: AskedQuestion): Promise<JsonObject | undefined> {
  const { workflow } = run;
  const params = { mode: 'form', message, requestedSchema: schema };
  const given = await new Person().elicit({
    server: workflow,
    workflow,
    method: 'elicitation/create',
    params,
    signal: new AbortController().signal,
  });
  return given['action'] === 'accept' ? given : undefined;
}

/** Words where the question takes words, yes or no with a reason where it takes that, else JSON. */
function contentOf({ schema }: AskedQuestion, words: string): JsonObject {
  const properties = propertiesOf(schema);
  const content =
    'answer' in properties ? { answer: words } : 'approved' in properties ? yesOrNo(words) : parsed(words);
  if (!isJsonObject(content))
    throw new HostError('usage', `The answer is a JSON object with ${Object.keys(properties).join(', ')}.`);
  const checked = validateArguments(schema, content);
  if (checked.type === 'invalid')
    throw new HostError('usage', `The answer does not fit: ${checked.problems.join('; ')}.`);
  return content;
}

function yesOrNo(words: string): JsonObject {
  const [, word = '', comment = ''] = /^\s*(\w+)[\s,:.]*([\s\S]*)$/.exec(words) ?? [];
  const approved = /^(y|yes)$/i.test(word);
  if (!approved && !/^(n|no)$/i.test(word))
    throw new HostError('usage', 'It is a question to be answered with yes or no, and why if you like.');
  return { approved, ...(comment.trim() === '' ? {} : { comment: comment.trim() }) };
}

function propertiesOf({ properties }: JsonObject): JsonObject {
  return isJsonObject(properties) ? properties : {};
}

function parsed(json: string): Json {
  try {
    return JSON.parse(json) as Json;
  } catch (error) {
    throw new HostError('usage', `This is no JSON: ${messageOf(error)}`);
  }
}
