/** The thread that searches a stored text by a regular expression. Started by thread.ts only. */
import { parentPort, workerData } from 'node:worker_threads';

import type { ChunkedFile } from './read-chunks.ts';
import { searchText, type SearchOptions } from './search-text.ts';
import { readText } from './read-result.ts';

export type SearchWork = { readonly result: ChunkedFile; readonly options: SearchOptions };

const { result, options } = workerData as SearchWork;
// A damaged file is thrown and arrives as the thread's error.
parentPort?.postMessage({ type: 'answer', answer: await searchText(readText(result), options) });
