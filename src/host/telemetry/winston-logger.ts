/** The log's winston side: loaded when there has been something to write for a while, not as the program starts. */
import { Writable } from 'node:stream';

import winston from 'winston';

import { LEVELS, type LogRecord } from './log-line.ts';
import type { Outlet, RecordLogger } from './log-writer.ts';

export function createWinstonLogger(outlets: readonly Outlet[]): RecordLogger {
  const transports = outlets.map(
    ({ level, write }) => new winston.transports.Stream({ level, stream: recordStream(write) }),
  );
  const logger = winston.createLogger({
    levels: { ...LEVELS },
    level: 'debug',
    // Records are finished; winston's default would turn each into JSON a second time.
    format: winston.format((info) => info)(),
    transports,
  });
  return {
    log: (record) => {
      logger.log({ level: record.level, message: record.event, record });
    },
    close: async () => {
      const finished = transports.map(
        (transport) => new Promise<void>((resolve) => void transport.once('finish', () => resolve())),
      );
      logger.end();
      await Promise.all(finished);
    },
  };
}

/** In object mode winston passes its whole entry on, and ours is in it. */
function recordStream(write: (record: LogRecord) => void): Writable {
  return new Writable({
    objectMode: true,
    write: (entry: { readonly record: LogRecord }, _encoding, done) => {
      write(entry.record);
      done();
    },
  });
}
