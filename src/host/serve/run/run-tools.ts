/** The tools by which a client asks the host's agent. The same bytes for every client and in every state of the host. */
import type { JsonObject } from '../../../json.ts';
import type { ToolDefinition } from '../../../registry/contract.ts';
import { ASK, RUN_CANCEL, RUN_WAIT } from '../../tool-call/run-tool-names.ts';

/** Longer ones belong into a file or a resource that the agent reads. */
export const MAX_REQUEST_CHARACTERS = 200_000;

const RUN_ID: JsonObject = {
  type: 'string',
  maxLength: 100,
  description: `The id of the run, as ${ASK} or a workflow gave it: run_…`,
};

const LIMITS: JsonObject = {
  type: 'object',
  description: 'Limits of this run. Each counts only where it is lower than that of the configuration.',
  properties: {
    maxTurns: { type: 'integer', minimum: 1, description: 'Turns of the model.' },
    maxTokens: { type: 'integer', minimum: 1, description: 'Input and output tokens together.' },
    maxUsd: { type: 'number', exclusiveMinimum: 0, description: 'Cost in US dollars.' },
    timeoutMs: { type: 'integer', minimum: 1, description: 'Time in milliseconds.' },
  },
  additionalProperties: false,
};

/** What is told of a run, at its end and before. */
export const RUN_OUTPUT: JsonObject = {
  type: 'object',
  properties: {
    runId: { type: 'string' },
    status: {
      type: 'string',
      description:
        'running, waiting (for a person), interrupted or suspended (nobody works on it at the moment), done, failed, stopped (by a limit) or cancelled',
    },
    answer: { type: 'string', description: 'There when the status is done.' },
    partial: {
      type: 'string',
      description: 'What was achieved before a limit stopped it; of several parts, JSON by their paths.',
    },
    goOn: { type: 'string', description: 'How a person goes on with a run that a limit stopped.' },
    origin: {
      type: 'string',
      description: 'model; local (a small local model); quote (sentences of documents, without a model)',
    },
    model: { type: 'string' },
    quotes: {
      type: 'array',
      items: {
        type: 'object',
        properties: { text: { type: 'string' }, source: { type: 'string' }, line: { type: 'integer' } },
        required: ['text', 'source'],
      },
    },
    error: {
      type: 'object',
      properties: { code: { type: 'string' }, message: { type: 'string' } },
      required: ['code', 'message'],
    },
    approvals: {
      type: 'array',
      description: 'Calls that wait for a person, each with the command that allows it.',
      items: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          tool: { type: 'string' },
          command: { type: 'string' },
          expiresAt: { type: 'string' },
        },
        required: ['id', 'tool', 'command', 'expiresAt'],
      },
    },
    next: { type: 'string', description: 'What to do where there is no answer yet.' },
    sessionId: { type: 'string' },
    toolsUsed: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, calls: { type: 'integer' } },
        required: ['name', 'calls'],
      },
    },
    usage: {
      type: 'object',
      description: 'What it spent so far; costUsd is missing where a price is unknown.',
      properties: {
        turns: { type: 'integer' },
        toolCalls: { type: 'integer' },
        inputTokens: { type: 'integer' },
        outputTokens: { type: 'integer' },
        cacheReadTokens: { type: 'integer' },
        cacheWriteTokens: { type: 'integer' },
        costUsd: { type: 'number' },
      },
    },
  },
  required: ['runId', 'status'],
};

const ASK_DEFINITION: ToolDefinition = {
  name: ASK,
  description: `Gives a request to Switchyard's own agent, which works on it with the tools of all servers and answers. Where no model is set up the answer is sentences quoted from indexed documents. A request that takes long goes on as a run: the result then names it, and ${RUN_WAIT} gives its answer. A call that is cancelled or times out does not end the run; ${RUN_CANCEL} does.`,
  inputSchema: {
    type: 'object',
    properties: {
      request: {
        type: 'string',
        minLength: 1,
        maxLength: MAX_REQUEST_CHARACTERS,
        description: 'What is wanted, in full: the agent knows nothing of this conversation.',
      },
      model: {
        type: 'string',
        maxLength: 200,
        description:
          'A model of the configuration by its alias, or provider/model; the default one where it is left out.',
      },
      sessionId: {
        type: 'string',
        maxLength: 100,
        description:
          'The sessionId of an earlier answer, to go on with its conversation; "new" begins one that can be gone on with. Without it the request stands alone.',
      },
      limits: LIMITS,
    },
    required: ['request'],
    additionalProperties: false,
  },
  outputSchema: RUN_OUTPUT,
  annotations: {
    title: 'Ask the agent',
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: true,
  },
};

const RUN_WAIT_DEFINITION: ToolDefinition = {
  name: RUN_WAIT,
  description: `Waits for a run that ${ASK} or a workflow's tool began, from this client or another, and gives its answer, or says how far it is. It may be called again and again.`,
  inputSchema: {
    type: 'object',
    properties: {
      runId: RUN_ID,
      timeoutMs: {
        type: 'integer',
        minimum: 0,
        description:
          'How long to wait at most; 0 only looks. The configuration has a limit, by default 50 s.',
      },
    },
    required: ['runId'],
    additionalProperties: false,
  },
  outputSchema: RUN_OUTPUT,
  annotations: {
    title: 'Wait for a run',
    readOnlyHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

const RUN_CANCEL_DEFINITION: ToolDefinition = {
  name: RUN_CANCEL,
  description: `Ends a run that ${ASK} or a workflow's tool began, for good. What its tools did already stays done.`,
  inputSchema: {
    type: 'object',
    properties: { runId: RUN_ID },
    required: ['runId'],
    additionalProperties: false,
  },
  annotations: {
    title: 'End a run',
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: true,
    openWorldHint: false,
  },
};

export const RUN_TOOL_DEFINITIONS: readonly ToolDefinition[] = [
  ASK_DEFINITION,
  RUN_WAIT_DEFINITION,
  RUN_CANCEL_DEFINITION,
];
