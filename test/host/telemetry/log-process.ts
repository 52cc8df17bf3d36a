/** A process with a log: `log-process.ts <mode> <home>`. */
import { createLog } from '../../../src/host/telemetry/log.ts';

const [mode = '', homeFolder = ''] = process.argv.slice(2);
const log = createLog({
  homeFolder,
  settings: { level: 'debug', keepDays: 14, maxBytes: 100_000_000 },
  env: {},
  config: { servers: [], models: {}, triggers: {} },
  stderrLevel: mode === 'flood' ? 'debug' : 'warn',
});
const write = (from: number, to: number, text = '') => {
  for (let number = from; number < to; number += 1) {
    log.sink({ level: 'info', component: 'test', event: 'counted', fields: { number, text } });
  }
};

const modes: Readonly<Record<string, () => Promise<void>>> = {
  full: async () => {
    for (let round = 0; round < 20; round += 1) {
      write(0, 10, 'x'.repeat(100));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await log.close();
    process.stderr.write('still working\n');
  },
  flood: async () => {
    write(0, 2000);
    await log.close();
  },
  'exit-early': async () => {
    write(0, 300);
    process.exit(3);
  },
  'exit-late': async () => {
    write(0, 100);
    // Until winston is there and the first lines are on their way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    write(100, 300);
    await new Promise((resolve) => setImmediate(resolve));
    process.exit(3);
  },
};
await modes[mode]?.();
