/** What the schema cannot say of triggers: names that lead nowhere, times that never come, and placeholders of nothing. */
import { messageOf } from '../errors.ts';
import type { JsonDocument, JsonPath } from './json-document.ts';
import { configInvalid, didYouMean, nearestName, placed, type UnplacedProblem } from './problem.ts';
import { isTimeZone, machineTimeZone } from './time-zone.ts';
import { kindOf, type TriggerConfig } from './trigger-config.ts';
import { DATA_FIELDS } from './trigger-data-fields.ts';
import { EVENT_FIELDS, type Placeholder, placeholdersIn, TEMPLATE_ROOTS } from './trigger-template.ts';
import type { ScheduleTriggerConfig } from './trigger-schedule-schema.ts';
import { WORKFLOW_NAME } from './workflow-name.ts';

type Triggers = Readonly<Record<string, TriggerConfig>>;

/** Rejects with HostError `config-invalid`. */
export async function checkTriggers(
  file: string,
  triggers: Triggers,
  workflows: readonly string[],
  document: JsonDocument,
): Promise<void> {
  const problems: UnplacedProblem[] = [];
  for (const [name, trigger] of Object.entries(triggers)) {
    const path = ['triggers', name];
    const { schedule } = trigger;
    problems.push(
      ...nameProblems(name, path),
      ...workflowProblems(trigger, path, workflows),
      ...overlapProblems(trigger, path),
      ...inputProblems(trigger, path),
      ...(schedule === undefined ? [] : await scheduleProblems(schedule, [...path, 'schedule'])),
    );
  }
  if (problems.length > 0)
    throw configInvalid(
      file,
      problems.map((problem) => placed(problem, document)),
    );
}

function nameProblems(name: string, path: JsonPath): UnplacedProblem[] {
  if (WORKFLOW_NAME.test(name)) return [];
  const message =
    'a trigger cannot be called so: a name is a letter and up to 63 letters, digits, "_" and "-"';
  return [{ path, atKey: true, message, found: name }];
}

function workflowProblems(
  { workflow }: TriggerConfig,
  path: JsonPath,
  known: readonly string[],
): UnplacedProblem[] {
  if (known.includes(workflow)) return [];
  return [unknownName([...path, 'workflow'], 'workflow', workflow, known)];
}

function overlapProblems(
  { overlap, maxParallel, maxQueued }: TriggerConfig,
  path: JsonPath,
): UnplacedProblem[] {
  const problems: UnplacedProblem[] = [];
  if (maxParallel !== undefined && overlap !== 'parallel')
    problems.push({
      path: [...path, 'maxParallel'],
      message: "it goes with the overlap 'parallel', which this trigger does not have",
    });
  if (maxQueued !== undefined && overlap === 'skip')
    problems.push({
      path: [...path, 'maxQueued'],
      message: "nothing waits with the overlap 'skip'. Remove it, or choose another overlap",
    });
  return problems;
}

function inputProblems(trigger: TriggerConfig, path: JsonPath): UnplacedProblem[] {
  const { input = '' } = trigger;
  const dataFields = DATA_FIELDS[kindOf(trigger)];
  return placeholdersIn(input, [...path, 'input']).flatMap(({ path: at, written, placeholder }) => {
    const problem = placeholderProblem(placeholder, written, dataFields);
    return problem === undefined ? [] : [{ ...problem, path: at }];
  });
}

function placeholderProblem(
  [root, field]: Placeholder,
  written: string,
  dataFields: readonly string[],
): Omit<UnplacedProblem, 'path'> | undefined {
  if (root === undefined)
    return {
      message: `'{{${written}}}' is no placeholder. One is made of names with dots between them: {{data.name}}`,
      found: written,
    };
  if (!isOneOf(root, TEMPLATE_ROOTS))
    return unknownName([], 'placeholder', root, TEMPLATE_ROOTS, `{{${written}}}`);
  const fields = root === 'event' ? EVENT_FIELDS : root === 'data' ? dataFields : undefined;
  if (field === undefined || fields === undefined || isOneOf(field, fields)) return undefined;
  return unknownName([], `field of '${root}'`, field, fields, `{{${written}}}`);
}

function isOneOf(name: string, names: readonly string[]): boolean {
  return names.includes(name);
}

async function scheduleProblems(
  { cron, timeZone }: ScheduleTriggerConfig,
  path: JsonPath,
): Promise<UnplacedProblem[]> {
  const { cronTimes } = await import('./cron.ts');
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    const nearest = nearestName(timeZone, Intl.supportedValuesOf('timeZone'));
    const message = `there is no time zone '${timeZone}'. They are called like 'Europe/Berlin' or 'UTC'.${didYouMean(nearest)}`;
    const problem = { path: [...path, 'timeZone'], message, expected: 'a time zone', found: timeZone };
    return [{ ...problem, ...(nearest === undefined ? {} : { nearest }) }];
  }
  const at = [...path, 'cron'];
  try {
    const next = cronTimes(cron, timeZone ?? machineTimeZone()).next(Date.now());
    if (next !== undefined) return [];
    return [{ path: at, message: `the times of '${cron}' never come`, found: cron }];
  } catch (error) {
    const reason = messageOf(error).replace(/^CronPattern: /, '');
    const message = `it is no cron expression (${reason}). One has five fields, as in '0 9 * * MON-FRI', or six with seconds first`;
    return [{ path: at, message, expected: 'a cron expression', found: cron }];
  }
}

function unknownName(
  path: JsonPath,
  what: string,
  name: string,
  known: readonly string[],
  within?: string,
): UnplacedProblem {
  const nearest = nearestName(name, known);
  const there = known.length === 0 ? 'There is none' : `There are ${known.join(', ')}`;
  const where = within === undefined ? '' : ` in ${within}`;
  return {
    path,
    message: `there is no ${what} '${name}'${where}. ${there}.${didYouMean(nearest)}`,
    expected: `one of ${known.join(', ')}`,
    found: name,
    ...(nearest === undefined ? {} : { nearest }),
  };
}
