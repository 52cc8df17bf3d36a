/** The Vercel AI SDK with its own MCP client, streaming as a program uses it. */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createMCPClient } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { isStepCount, streamText } from 'ai';

import { measure } from './measure.ts';
import { INSTRUCTIONS, MODEL, REQUEST, TOOL_SERVER } from './task.ts';

const [modelUrl = ''] = process.argv.slice(2);
const model = createAnthropic({ baseURL: `${modelUrl}/v1`, apiKey: 'none' })(MODEL);
const client = await createMCPClient({
  transport: new Experimental_StdioMCPTransport({
    command: TOOL_SERVER.command,
    args: [...TOOL_SERVER.args],
  }),
});
const tools = await client.tools();

async function run(): Promise<string> {
  const result = streamText({
    model,
    tools,
    instructions: INSTRUCTIONS,
    prompt: REQUEST,
    stopWhen: isStepCount(20),
    maxRetries: 2,
  });
  let streamed = '';
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') streamed += part.text;
    if (part.type === 'error') throw part.error;
  }
  return streamed;
}

await measure(run);
await client.close();
