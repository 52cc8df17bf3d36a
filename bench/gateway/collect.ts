/** Asks a Node that was started with `--inspect` what it holds after its garbage is collected (Chrome DevTools Protocol). */
import { setTimeout as delay } from 'node:timers/promises';

export interface Held {
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** A few collections with pauses: what waits for a finaliser or a timer is gone by then, and freed pages are given back. */
const ROUNDS = 4;
const PAUSE_MS = 400;

/** `--inspect` with the port that it listens on. */
export async function collectedMemory(inspectPort: number): Promise<Held> {
  const inspector = await connectInspector(inspectPort);
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      await inspector.send('HeapProfiler.collectGarbage', {});
      await delay(PAUSE_MS);
    }
    const expression = 'JSON.stringify(process.memoryUsage())';
    const { result } = (await inspector.send('Runtime.evaluate', { expression })) as {
      readonly result: { readonly value: string };
    };
    const usage = JSON.parse(result.value) as NodeJS.MemoryUsage;
    return { heapBytes: usage.heapUsed + usage.external, rssBytes: usage.rss };
  } finally {
    inspector.close();
  }
}

interface Inspector {
  send(method: string, params: object): Promise<unknown>;
  close(): void;
}

async function connectInspector(port: number): Promise<Inspector> {
  const response = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [first] = (await response.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
  if (first === undefined) throw new Error(`Nothing is inspected on port ${port}.`);
  const socket = new WebSocket(first.webSocketDebuggerUrl);
  const opened = Promise.withResolvers<void>();
  socket.addEventListener('open', () => opened.resolve());
  socket.addEventListener('error', () => opened.reject(new Error('The inspector cannot be reached.')));
  await opened.promise;
  const open = new Map<number, (result: unknown) => void>();
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown };
    open.get(id ?? 0)?.(result);
    open.delete(id ?? 0);
  });
  let lastId = 0;
  return {
    send(method, params) {
      const id = ++lastId;
      const answered = new Promise((resolve) => open.set(id, resolve));
      socket.send(JSON.stringify({ id, method, params }));
      return answered;
    },
    close: () => socket.close(),
  };
}
