/** The patterns with `fetch`. */
import { barePatterns } from './bare-patterns.ts';
import { type ApiMessage, HEADERS } from './messages-api.ts';
import { compete } from './subject.ts';

const [modelUrl = ''] = process.argv.slice(2);

await compete(
  barePatterns(async (body) => {
    const response = await fetch(`${modelUrl}/v1/messages`, { method: 'POST', headers: HEADERS, body });
    if (!response.ok) throw new Error(`The model answered ${response.status}.`);
    return (await response.json()) as ApiMessage;
  }),
);
