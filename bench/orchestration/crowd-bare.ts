/** The same without a library: a socket, a buffer and a few objects for each. */
import { converse } from './bare-conversation.ts';
import { bareSend } from './bare-send.ts';
import { gather } from './crowd-subject.ts';

const [url = '', runs = ''] = process.argv.slice(2);
const send = bareSend(`${url}/held/add`);

await gather(url, Number(runs), () => converse(send));
