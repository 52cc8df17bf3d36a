/** A process with a log: `log-process.ts <mode> <home>`. */
import { createLog } from '../../../src/host/telemetry/log.ts';

const [mode, homeFolder = ''] = process.argv.slice(2);
const log = createLog({
  homeFolder,
  settings: { level: 'debug', keepDays: 14, maxBytes: 100_000_000 },
  env: {},
  config: { servers: [], models: {} },
  stderrLevel: mode === 'flood' ? 'debug' : 'warn',
});
const write = (count: number, text = '') => {
  for (let number = 0; number < count; number += 1) {
    log.sink({ level: 'info', component: 'test', event: 'counted', fields: { number, text } });
  }
};

switch (mode) {
  case 'full':
    for (let round = 0; round < 20; round += 1) {
      write(10, 'x'.repeat(100));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await log.close();
    process.stderr.write('still working\n');
    break;
  case 'flood':
    write(2000);
    await log.close();
    break;
  case 'exit-early':
    write(300);
    process.exit(3);
  case 'exit-late':
    write(100);
    // Until winston is there and the first lines are on their way.
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (let number = 100; number < 300; number += 1) {
      log.sink({ level: 'info', component: 'test', event: 'counted', fields: { number } });
    }
    await new Promise((resolve) => setImmediate(resolve));
    process.exit(3);
  default:
    throw new Error(`unknown mode '${mode}'`);
}
