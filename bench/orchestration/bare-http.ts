/** The patterns with `node:http`. */
import { barePatterns } from './bare-patterns.ts';
import { bareSend } from './bare-send.ts';
import { compete } from './subject.ts';

const [modelUrl = ''] = process.argv.slice(2);

await compete(barePatterns(bareSend(modelUrl)));
