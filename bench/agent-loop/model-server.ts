/** A process of its own: the scripted model server, which asks for the tool `add` in each turn and then answers. Prints its URL. */
import { startModelServer } from '../../test/fixtures/model/model-server.ts';
import { ANSWER, TURNS_A_RUN } from './task.ts';

const server = await startModelServer({
  script: ({ toolResults, toolNames }) => {
    if (toolResults.length >= TURNS_A_RUN)
      return { type: 'answer', text: `${ANSWER} ${toolResults.at(-1)?.text}.` };
    // Each library has its own way of naming a server's tool.
    const name = toolNames.find((tool) => /(?:^|_)add$/.test(tool)) ?? 'add';
    return {
      type: 'answer',
      text: 'I add them.',
      toolCalls: [{ name, arguments: { a: 40, b: toolResults.length + 1 } }],
    };
  },
});
process.stdout.write(`${server.url}\n`);
