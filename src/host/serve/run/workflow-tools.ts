/** Workflows as tools of the gateway, `switchyard__<name>`. */
import { entryNames } from '../../../entry-name.ts';
import { type Json, type JsonObject, jsonText } from '../../../json.ts';
import type { ToolDefinition } from '../../../registry/contract.ts';
import type { GivenWorkflow } from '../../given-workflows.ts';
import { HOST_SERVER } from '../../tool-call/host-tool.ts';
import { RUN_WAIT } from '../../tool-call/run-tool-names.ts';
import { nestedSchema } from '../nested-schema.ts';
import { MAX_REQUEST_CHARACTERS, RUN_OUTPUT } from './run-tools.ts';

export interface WorkflowTool {
  readonly workflow: string;
  readonly definition: ToolDefinition;
  /** What the workflow is given when the tool is called with these. */
  readonly inputOf: (args: JsonObject) => Json;
}

/** In the order of the workflows; long names are cut as those of servers' tools are. */
export function workflowTools(
  workflows: readonly GivenWorkflow[],
  { maxNameLength }: { readonly maxNameLength: number },
): readonly WorkflowTool[] {
  const names = entryNames(
    workflows.map(({ name }) => ({ server: HOST_SERVER, name })),
    new Map([[HOST_SERVER, HOST_SERVER]]),
    maxNameLength,
  );
  return workflows.map((workflow, index) => workflowTool(names[index] ?? workflow.name, workflow));
}

function workflowTool(
  name: string,
  { name: workflow, description = '', input, output }: GivenWorkflow,
): WorkflowTool {
  const takes = takesOf(input);
  return {
    workflow,
    inputOf: takes.inputOf,
    definition: {
      name,
      description: `${description === '' ? `The workflow ${workflow}.` : description} ${HOW_LONG}`,
      inputSchema: takes.schema,
      outputSchema: outputOf(output),
      annotations: {
        title: workflow,
        readOnlyHint: false,
        destructiveHint: true,
        idempotentHint: false,
        openWorldHint: true,
      },
    },
  };
}

const HOW_LONG = `It works as a run: one that takes long is named in the result, and ${RUN_WAIT} gives its answer.`;

interface Takes {
  readonly schema: JsonObject;
  readonly inputOf: (args: JsonObject) => Json;
}

/** Arguments of a tool are an object (spec: server/tools, "Tool"); what is none stands in one. */
function takesOf(input: JsonObject | undefined): Takes {
  if (input === undefined) return { schema: REQUEST, inputOf: ({ request }) => jsonText(request) };
  if (input['type'] === 'object') return { schema: input, inputOf: (args) => args };
  return {
    schema: {
      type: 'object',
      properties: { input: nestedSchema(input, 'input') },
      required: ['input'],
      additionalProperties: false,
    },
    inputOf: ({ input: given = null }) => given,
  };
}

const REQUEST: JsonObject = {
  type: 'object',
  properties: {
    request: {
      type: 'string',
      minLength: 1,
      maxLength: MAX_REQUEST_CHARACTERS,
      description: 'What is wanted, in full: the workflow knows nothing of this conversation.',
    },
  },
  required: ['request'],
  additionalProperties: false,
};

/** Words are the answer; anything else is also there as it is. */
function outputOf(output: JsonObject | undefined): JsonObject {
  if (output?.['type'] === 'string') return RUN_OUTPUT;
  const { properties } = RUN_OUTPUT;
  return {
    ...RUN_OUTPUT,
    properties: {
      ...(properties as JsonObject),
      output: {
        description: 'What the workflow gave, where that is more than words; there when the status is done.',
        ...(output === undefined ? {} : nestedSchema(output, 'output')),
      },
    },
  };
}
