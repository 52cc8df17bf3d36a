import { expect, test } from 'vitest';

import type { Model } from '../../../src/host/model/model.ts';
import { createInputAnswerer } from '../../../src/host/tool-call/input.ts';
import type { ApprovalRequest } from '../../../src/host/tool-call/policy.ts';

test('who asked for the call is whose sampling is decided on', async () => {
  const decided: ApprovalRequest[] = [];
  const decide = async (request: ApprovalRequest) => {
    decided.push(request);
    return { decision: 'denied' as const, by: 'rule: the test', reason: 'not for this client' };
  };
  const model: Model = {
    id: 'test/model',
    limits: { maxTools: 0 },
    costUsd: async () => 0,
    stream() {
      throw new Error('Nobody allowed it.');
    },
  };
  const answerer = createInputAnswerer(
    { policy: { decide, settle: decide }, model: () => model, roots: [], callerOf: () => undefined },
    { actor: 'client:editor', sessionId: 'conversation' },
  );
  const request = {
    server: 'asks',
    method: 'sampling/createMessage' as const,
    params: { messages: [], maxTokens: 5 },
    signal: new AbortController().signal,
  };
  await expect(answerer.answer(request, { emit: () => undefined })).rejects.toThrow('not for this client');
  expect(decided).toMatchObject([
    { name: 'sampling/createMessage', actor: 'client:editor', sessionId: 'conversation' },
  ]);
});
