/** An MCP server with letters that customers wrote. They are made up as they are asked for, always the same. */
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const CUSTOMERS = ['Ada Lindqvist', 'Bruno Okafor', 'Chiara Weiss', 'Dmitri Halloran', 'Emi Castellanos'];
const GOODS = [
  'oak table',
  'reading lamp',
  'tea set',
  'walnut shelf',
  'wool blanket',
  'garden bench',
  'kettle',
];
const LETTERS = [
  (goods: string) => `Please send me one ${goods}, by the usual carrier. You have my address.`,
  (goods: string) =>
    `The ${goods} came with a crack in it. I want my money back before my guests come tomorrow!`,
  (goods: string) =>
    `Do you sell the ${goods} in green as well, and what would it cost to send it to Norway?`,
  (goods: string) =>
    `I have had your ${goods} for a year, and it is as lovely as on the first day. Thank you.`,
];

function letterText(letter: number): string {
  const write = pick(LETTERS, letter);
  return `Letter ${letter}\n\n${write(pick(GOODS, letter))}\n\n${pick(CUSTOMERS, letter)}`;
}

function pick<Item>(items: readonly Item[], letter: number): Item {
  return items[letter % items.length] as Item;
}

serveStdio(() => {
  const server = new McpServer({ name: 'letters', version: '1.0.0' });
  server.registerTool(
    'read_letter',
    {
      description: 'The text of a letter.',
      inputSchema: z.object({ letter: z.int().min(1) }),
      annotations: { readOnlyHint: true },
    },
    ({ letter }) => ({ content: [{ type: 'text', text: letterText(letter) }] }),
  );
  return server;
});
