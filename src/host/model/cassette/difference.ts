/** Why a request is not the one that was recorded. */
import { isJsonObject, type Json } from '../../../json.ts';
import type { Recording } from './cassette-file.ts';

/** One line on the recording that comes nearest: where it differs first. */
export function nearest(recordings: readonly Recording[], model: string, asked: Json): string {
  if (recordings.length === 0) return 'It is empty, or is not there.';
  const ofModel = recordings.filter((recording) => recording.model === model);
  if (ofModel.length === 0) {
    const models = [...new Set(recordings.map((recording) => recording.model))].join(', ');
    return `Nothing of this model is recorded there; what is, is of ${models}.`;
  }
  const text = JSON.stringify(asked);
  const [best] = ofModel
    .map((recording) => ({ recording, common: commonLength(JSON.stringify(recording.request), text) }))
    .sort((one, other) => other.common - one.common);
  if (best === undefined) return '';
  const difference = firstDifference(best.recording.request, asked, '');
  return difference === undefined
    ? `Line ${best.recording.line} asks the same under another key: it was edited.`
    : `The nearest is line ${best.recording.line}, which differs at ${difference.path || 'the top'}: recorded ${shown(difference.recorded, difference.asked)}, asked ${shown(difference.asked, difference.recorded)}.`;
}

interface Difference {
  readonly path: string;
  readonly recorded: Json | undefined;
  readonly asked: Json | undefined;
}

function firstDifference(
  recorded: Json | undefined,
  asked: Json | undefined,
  path: string,
): Difference | undefined {
  if (Array.isArray(recorded) && Array.isArray(asked)) {
    for (let index = 0; index < Math.max(recorded.length, asked.length); index += 1) {
      const found = firstDifference(recorded[index] as Json, asked[index] as Json, `${path}[${index}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isJsonObject(recorded) && isJsonObject(asked)) {
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(asked)])) {
      const found = firstDifference(recorded[key], asked[key], path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return recorded === asked ? undefined : { path, recorded, asked };
}

const MAX_SHOWN_LENGTH = 160;
/** What stands before the first difference of two long texts says where in them it is. */
const LEAD_LENGTH = 40;

/** Two texts from about where they part. */
function shown(value: Json | undefined, other: Json | undefined): string {
  if (value === undefined) return 'nothing';
  const from =
    typeof value === 'string' && typeof other === 'string' ? commonLength(value, other) - LEAD_LENGTH : 0;
  const text =
    from > 0 && typeof value === 'string' ? JSON.stringify(`…${value.slice(from)}`) : JSON.stringify(value);
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH)}…`;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
