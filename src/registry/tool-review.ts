/** Looks over the tools a server listed: what cannot be called is left out, what cannot be checked is noted. */
import type { ToolDefinition } from './contract.ts';
import type { SchemaChecker } from './schema-check.ts';

export interface ToolReview {
  readonly tools: readonly ToolDefinition[];
  readonly notices: readonly string[];
}

/** `mirrorsHeaders`: the connection is a modern one over HTTP, which copies declared arguments into headers. */
export async function reviewTools(
  listed: readonly ToolDefinition[],
  checker: SchemaChecker,
  mirrorsHeaders: boolean,
): Promise<ToolReview> {
  const { tools, notices } = mirrorsHeaders ? await withValidHeaders(listed) : { tools: listed, notices: [] };
  return { tools, notices: [...notices, ...tools.flatMap((tool) => schemaFaults(tool, checker))] };
}

/** The specification has a client leave out a tool whose header declarations are not valid. */
async function withValidHeaders(listed: readonly ToolDefinition[]): Promise<ToolReview> {
  const { headerDeclarations } = await import('../wire/x-mcp-header.ts');
  const notices: string[] = [];
  const tools = listed.filter(({ name, inputSchema }) => {
    const declared = headerDeclarations(inputSchema);
    if (!declared.ok) notices.push(`The tool '${name}' is left out: ${declared.reason}.`);
    return declared.ok;
  });
  return { tools, notices };
}

function schemaFaults(
  { name, inputSchema, outputSchema }: ToolDefinition,
  checker: SchemaChecker,
): readonly string[] {
  const input = checker.fault(inputSchema);
  const output = outputSchema === undefined ? undefined : checker.fault(outputSchema);
  const notices: string[] = [];
  if (input !== undefined) notices.push(`The input schema of '${name}' is no schema (${input}).`);
  if (output !== undefined) {
    notices.push(
      `The output schema of '${name}' is no schema (${output}); its results are passed unchecked.`,
    );
  }
  return notices;
}
