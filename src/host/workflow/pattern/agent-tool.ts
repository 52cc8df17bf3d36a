/** A workflow as a tool of an agent. */
import { type Json, type JsonObject, jsonText } from '../../../json.ts';
import type { LocalTool } from '../../agent/local-tool.ts';
import { asText } from './output-schema.ts';
import { type Part, runPart, withoutLabel } from './part.ts';

export interface AgentTool {
  /** What it does, for the model that may call it. */
  readonly description: string;
  readonly workflow: Part<string, Json>;
}

const INPUT: JsonObject = {
  type: 'object',
  properties: {
    request: {
      type: 'string',
      description: 'All that is needed for it: nothing else of this conversation is known there.',
    },
  },
  required: ['request'],
  additionalProperties: false,
};

export function agentTool(name: string, { description, workflow }: AgentTool): LocalTool {
  return {
    definition: { name, description, inputSchema: INPUT },
    parallel: true,
    async call(context, args) {
      const output = await runPart(context, name, withoutLabel(workflow), jsonText(args['request']));
      return { type: 'answer', text: asText(output) };
    },
  };
}
