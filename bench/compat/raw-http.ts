/** One endpoint of Streamable HTTP, with a session where it gives one. */
import { jsonText } from '../../src/json.ts';
import { type RawAnswer, type RawClient, resultOf } from './raw-client.ts';

export function openRawHttp(url: string, era: 'modern' | 'legacy'): RawClient {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const post = async (message: object, more: Record<string, string> = {}): Promise<Response> => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message });
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...more }, body });
    if (!response.ok) throw new Error(`HTTP ${response.status}: ${(await response.text()).slice(0, 300)}`);
    return response;
  };
  let lastId = 0;
  return {
    async request(method, params = {}) {
      const id = ++lastId;
      const ofMethod = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method };
      const response = await post({ id, method, params }, era === 'modern' ? ofMethod : {});
      const result = resultOf(await answerIn(response, id));
      if (method === 'initialize') {
        const session = response.headers.get('mcp-session-id');
        if (session !== null) headers['mcp-session-id'] = session;
        headers['mcp-protocol-version'] = jsonText(result['protocolVersion']);
      }
      return result;
    },
    async notify(method) {
      const response = await post({ method });
      await response.body?.cancel();
    },
    async [Symbol.asyncDispose]() {
      if (headers['mcp-session-id'] === undefined) return;
      const response = await fetch(url, { method: 'DELETE', headers });
      await response.body?.cancel();
    },
  };
}

async function answerIn(response: Response, id: number): Promise<RawAnswer> {
  const text = await response.text();
  if (response.headers.get('content-type')?.startsWith('application/json') === true)
    return JSON.parse(text) as RawAnswer;
  for (const [, data = ''] of text.matchAll(/^data: ?(.+)$/gm)) {
    const message = JSON.parse(data) as RawAnswer;
    if (message.id === id) return message;
  }
  throw new Error(`The stream ended without an answer: ${text.slice(0, 300)}`);
}
