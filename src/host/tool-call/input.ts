/** Answers what servers ask of their client during a call: elicitation, sampling, roots. */
import { pathToFileURL } from 'node:url';
import { basename } from 'node:path';

import { isJsonObject, jsonText } from '../../json.ts';
import { HostError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { InputRequest } from '../../registry/contract.ts';
import type { StepContext } from '../context.ts';
import type { Model } from '../model/model.ts';
import type { CallerInput, CallerOf } from './caller-input.ts';
import type { ApprovalPolicy } from './policy.ts';
import type { SampledUsage } from './called.ts';
import { type Sampled, sample } from './sampling.ts';

export interface InputOptions {
  readonly policy: ApprovalPolicy;
  /** Puts a server's question to the person; resolves to an `ElicitResult`. Without it questions are declined. */
  readonly elicit?: (request: InputRequest) => Promise<JsonObject>;
  /** The model that answers sampling requests. */
  readonly model: () => Model | undefined;
  /** The folders that servers are told to work in. */
  readonly roots: readonly string[];
  readonly callerOf: CallerOf;
}

export interface InputAnswerer {
  answer(request: InputRequest, step: Pick<StepContext, 'emit'>): Promise<JsonObject>;
  /** What sampling cost during this call; to be counted in the run's budget after the step. */
  readonly sampled: readonly Pick<Sampled, 'usage' | 'costUsd'>[];
}

const ONLY = 'request';

/** On whose behalf a server asks. */
export interface AskedFor {
  readonly actor: string;
  readonly sessionId?: string;
}

/**
 * One a call; the caller is asked before the host answers. Rejects with a HostError that the registry turns into the
 * protocol's error.
 */
export function createInputAnswerer(
  options: InputOptions,
  askedFor: AskedFor,
  caller?: CallerInput,
): InputAnswerer {
  const sampled: Pick<Sampled, 'usage' | 'costUsd'>[] = [];
  const answerOnce = async (request: InputRequest): Promise<JsonObject> => {
    const { server, method, params, signal } = request;
    const answered = await caller?.answer({ server, requests: { [ONLY]: { method, params } }, signal });
    const response = answered?.[ONLY];
    if (isJsonObject(response)) return response;
    try {
      return await answerByHost(request);
    } catch (error) {
      if (error instanceof HostError && error.code === 'no-model') caller?.unanswered?.(method);
      throw error;
    }
  };
  const answerByHost = async (request: InputRequest): Promise<JsonObject> => {
    switch (request.method) {
      case 'roots/list':
        return {
          roots: options.roots.map((folder) => ({ uri: pathToFileURL(folder).href, name: basename(folder) })),
        };
      case 'elicitation/create':
        return options.elicit ? options.elicit(request) : { action: 'decline' };
      case 'sampling/createMessage': {
        const { result, usage, costUsd } = await answerSampling(options, askedFor, request);
        sampled.push({ usage, costUsd });
        return result;
      }
      default:
        return request.method satisfies never;
    }
  };
  return {
    sampled,
    async answer(request, step) {
      const { server, method, params } = request;
      step.emit({ type: 'input-request', server, method, params });
      const response = await answerOnce(request);
      step.emit({
        type: 'input-response',
        server,
        method,
        action: jsonText(response['action'] ?? 'answered'),
      });
      return response;
    },
  };
}

/** What servers may ask during a call: of the caller, and of the host where the caller cannot answer. */
export function askableOf(
  { elicit, model }: InputOptions,
  { capabilities }: Pick<CallerInput, 'capabilities'>,
): JsonObject {
  const { elicitation, sampling, extensions } = capabilities;
  return {
    ...(elicit === undefined ? pick('elicitation', elicitation) : { elicitation: { form: {}, url: {} } }),
    ...(model() === undefined ? pick('sampling', sampling) : { sampling: { tools: {} } }),
    roots: {},
    ...(isJsonObject(extensions) && extensions[VIEWS] !== undefined
      ? { extensions: { [VIEWS]: extensions[VIEWS] } }
      : {}),
  };
}

/** Of extensions what passes through us: that the caller shows views. */
const VIEWS = 'io.modelcontextprotocol/ui';

function pick(name: string, capability: Json | undefined): JsonObject {
  return isJsonObject(capability) ? { [name]: capability } : {};
}

/** As a step journals it. */
export function sampledOf({ sampled }: InputAnswerer): readonly SampledUsage[] {
  return sampled.map(({ usage, costUsd }) => ({ usage, ...(costUsd === undefined ? {} : { costUsd }) }));
}

async function answerSampling(
  options: InputOptions,
  { actor, sessionId }: AskedFor,
  request: InputRequest,
): Promise<Sampled> {
  const model = options.model();
  if (!model)
    throw new HostError(
      'no-model',
      `The server ${request.server} asked for a model's answer, and no model is set up.`,
    );
  const approval = await options.policy.decide({
    name: request.method,
    server: request.server,
    ownName: request.method,
    title: `The server ${request.server} asks ${model.id} a question at your cost`,
    traits: { readOnly: false, destructive: false, idempotent: false, openWorld: true },
    arguments: request.params,
    actor,
    ...(sessionId === undefined ? {} : { sessionId }),
    signal: request.signal,
  });
  if (approval.decision === 'denied') {
    throw new HostError('denied', `Sampling was denied: ${approval.reason ?? 'the person said no'}.`);
  }
  return sample(model, approval.arguments ?? request.params, request.signal);
}
