/** What a program that builds on Switchyard imports. */
import { createHost as create } from './host/host.ts';
import type { CreateHost } from './host/typed-host.ts';

export { openHost, type OpenHostOptions } from './open-host.ts';
export { HostError } from './errors.ts';
export type * from './host/contract.ts';
export type * from './host/typed-host.ts';
export type { Budget, BudgetLimits, RunContext, StepContext, Workflow } from './host/context.ts';
export {
  type GivenDefinition,
  type SchemaDefinition,
  workflow,
  type WorkflowDefinition,
  type Workflows,
} from './host/workflow/registered.ts';
export type { RunHandle, RunOutcome } from './host/engine/engine.ts';
export type { Achieved, ReachedLimit, RunEvent, SpendingScope } from './host/event.ts';
export { type CassetteMode, type CassetteOptions, cassette } from './host/model/cassette/cassette.ts';
export type { Model, ModelEvent, ModelMessage, ModelRequest } from './host/model/model.ts';
export type { ModelCandidate } from './config/model-candidate.ts';
export type {
  CascadeAccept,
  ModelCascade,
  ModelEntry,
  ModelPart,
  ModelRoute,
  RoutePart,
} from './config/model-entry.ts';
export type { CheckedAnswer } from './host/model/cascade/check.ts';
export { type Complexity, complexityOf } from './host/model/routing/complexity.ts';
export { agent, type AgentSpec, type OutputSchema } from './host/workflow/pattern/agent.ts';
export type { AgentTool } from './host/workflow/pattern/agent-tool.ts';
export { callTool, type CallToolOptions, type ToolAnswer } from './host/workflow/pattern/call-tool.ts';
export { chain, gate } from './host/workflow/pattern/chain.ts';
export { handoff, type HandoffAgent, type HandoffOutput, team } from './host/workflow/pattern/handoff.ts';
export {
  orchestrate,
  type OrchestrateOptions,
  type OrchestrateOutput,
} from './host/workflow/pattern/orchestrate.ts';
export {
  first,
  map,
  type MapResult,
  parallel,
  vote,
  type VoteResult,
} from './host/workflow/pattern/parallel.ts';
export { named, type Part, part } from './host/workflow/pattern/part.ts';
export { type Judgement, refine, type Refined, type RefineTask } from './host/workflow/pattern/refine.ts';
export {
  byModel,
  byRules,
  route,
  type Route,
  type RouteOffer,
  type Router,
} from './host/workflow/pattern/route.ts';
export { bySimilarity, type SimilarityOptions } from './host/workflow/pattern/similarity.ts';
export { approve, askPerson, type QuestionOptions } from './host/workflow/pattern/person.ts';
export { pause, waitForSignal } from './host/workflow/pattern/wait.ts';

export const createHost: CreateHost = create;
