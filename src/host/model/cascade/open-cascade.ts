/** Makes a cascade of one of the config. */
import type { ModelCascade } from '../../../config/model-entry.ts';
import { HostError } from '../../../errors.ts';
import type { Model } from '../model.ts';
import { openPart, type PartModels, type RoutingTools } from '../routing/open-route.ts';
import { cascade } from './cascade.ts';
import { plainChecks } from './checks.ts';
import { judgeCheck } from './judge.ts';

/** What is out of reach fails as it is asked, and the next one is. */
export function openCascade(
  alias: string,
  { models: parts, accept = {} }: ModelCascade,
  models: PartModels,
  { problems }: Pick<RoutingTools, 'problems'>,
): Model {
  const [first, ...others] = parts.map((part) => openPart(part, models).model);
  if (first === undefined) throw new HostError('invalid-model', `The cascade '${alias}' has no models.`);
  const judge = accept.judge === undefined ? undefined : openPart(accept.judge.model, models).model;
  const { instructions } = accept.judge ?? {};
  const checks = [
    ...plainChecks(accept, problems),
    ...(judge === undefined ? [] : [judgeCheck(judge, instructions === undefined ? {} : { instructions })]),
  ];
  return cascade([first, ...others], { checks, ...(judge === undefined ? {} : { judge }) });
}
