/** One of several parts works on the input: which, a router says, with how sure it is and why. */
import { HostError } from '../../../errors.ts';
import type { Json } from '../../../json.ts';
import type { RunContext } from '../../context.ts';
import { agent } from './agent.ts';
import { asText } from './output-schema.ts';
import { type Part, part, runPart } from './part.ts';

/** What whoever chooses knows of a route. */
export interface RouteOffer {
  /** What belongs here. */
  readonly description: string;
  /** Requests that belong here. */
  readonly examples?: readonly string[];
}

export interface Route<Input extends Json, Output extends Json> extends RouteOffer {
  readonly workflow: Part<Input, Output>;
}

export type RouteChoice = {
  /** Undefined: none of them fits. */
  readonly route?: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly reason: string;
};

/** Must give the same for the same journal: what it takes from outside, it takes in steps. */
export interface Router<Input extends Json> {
  readonly kind: string;
  choose(
    context: RunContext,
    input: Input,
    routes: Readonly<Record<string, RouteOffer>>,
  ): Promise<RouteChoice>;
}

export interface RouteOptions<Input extends Json> {
  readonly name?: string;
  readonly by: Router<Input>;
  /** The route of what fits none, or not surely enough. Without it that is HostError `no-route`. */
  readonly otherwise?: string;
  /** Below it, `otherwise` is taken; 0.5 by default. */
  readonly minConfidence?: number;
}

export function route<Input extends Json, Output extends Json>(
  routes: Readonly<Record<string, Route<Input, Output>>>,
  { name: label, by, otherwise, minConfidence = 0.5 }: RouteOptions<Input>,
): Part<Input, Output> {
  if (otherwise !== undefined && !Object.hasOwn(routes, otherwise))
    throw new HostError(
      'usage',
      `There is no route "${otherwise}". There are ${Object.keys(routes).join(', ')}.`,
    );
  return part('route', { label }, async (context, input) => {
    const choice = await by.choose(context.branch('choose'), input, routes);
    const sure = choice.route !== undefined && choice.confidence >= minConfidence;
    const taken = sure ? choice.route : otherwise;
    const { confidence, reason } = choice;
    context.emit({
      type: 'route',
      by: by.kind,
      ...(choice.route === undefined ? {} : { chosen: choice.route }),
      ...(taken === undefined ? {} : { taken }),
      confidence,
      reason,
    });
    const found = taken === undefined ? undefined : routes[taken];
    if (taken === undefined || found === undefined)
      throw new HostError(
        'no-route',
        `No route fits: ${reason} There are ${Object.keys(routes).join(', ')}; "otherwise" names the one for the rest.`,
      );
    return runPart(context, taken, found.workflow, input);
  });
}

/** The first route whose rule says yes; the rules are asked in their order. */
export function byRules<Input extends Json>(
  rules: Readonly<Record<string, RegExp | ((input: Input) => boolean)>>,
): Router<Input> {
  return {
    kind: 'rules',
    async choose(context, input) {
      return context.step('rules', async (): Promise<RouteChoice> => {
        for (const [name, rule] of Object.entries(rules)) {
          const fits = rule instanceof RegExp ? asText(input).search(rule) !== -1 : rule(input);
          if (fits) return { route: name, confidence: 1, reason: `The rule of "${name}" fits.` };
        }
        return { confidence: 0, reason: 'No rule fits.' };
      });
    },
  };
}

export interface ModelRouterOptions {
  /** An alias or `provider/model`; `default` where it is left out. */
  readonly model?: string;
}

/** A model reads the descriptions and chooses. */
export function byModel({ model }: ModelRouterOptions = {}): Router<Json> {
  return {
    kind: 'model',
    async choose(context, input, routes) {
      const names = Object.keys(routes);
      const chooser = agent<{ readonly route: string; readonly confidence: number; readonly reason: string }>(
        {
          ...(model === undefined ? {} : { model }),
          tools: [],
          instructions: [
            'You decide who takes a request. You do not answer it.',
            ...Object.entries(routes).map(([name, offer]) => `- ${name}: ${offerLine(offer)}`),
            `- ${NONE}: it belongs to none of them`,
          ].join('\n'),
          output: {
            type: 'object',
            properties: {
              route: { type: 'string', enum: [...names, NONE] },
              confidence: { type: 'number', minimum: 0, maximum: 1, description: 'How sure you are.' },
              reason: { type: 'string', description: 'One sentence.' },
            },
            required: ['route', 'confidence', 'reason'],
            additionalProperties: false,
          },
        },
      );
      const { route: chosen, confidence, reason } = await chooser(context, input);
      return { ...(chosen === NONE ? {} : { route: chosen }), confidence, reason };
    },
  };
}

function offerLine({ description, examples = [] }: RouteOffer): string {
  const shown = examples.slice(0, SHOWN_EXAMPLES).map((example) => JSON.stringify(example));
  return shown.length === 0 ? description : `${description} For example ${shown.join(', ')}.`;
}

/** More of them cost more than they teach. */
const SHOWN_EXAMPLES = 3;
const NONE = 'none-of-these';
