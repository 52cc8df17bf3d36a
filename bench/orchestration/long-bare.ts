/** The same conversations without a library, whose requests grow in the same way. */
import { converse, goOn } from './bare-conversation.ts';
import { bareSend } from './bare-send.ts';
import { repeat, TurnClock } from './long-subject.ts';
import { LONG_TURNS } from './task.ts';

const [url = '', kind = '', times = ''] = process.argv.slice(2);
const send = bareSend(kind === 'turns' ? `${url}/turns/${LONG_TURNS}/add` : `${url}/fixed`);

await repeat(Number(times), async () => {
  const clock = new TurnClock();
  if (kind === 'turns') await converse(send, () => clock.mark());
  else
    for (let turn = 0, messages: object[] = []; turn < LONG_TURNS; turn += 1) {
      await goOn(send, messages);
      clock.mark();
    }
  return clock.turns;
});
