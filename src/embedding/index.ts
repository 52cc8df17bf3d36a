export { openEmbedder } from './client.ts';
export type { EmbedderOptions } from './client.ts';
export { embedderId, missingFiles } from './layout.ts';
export { obtainEmbedder } from './obtain.ts';
export type { ObtainOptions } from './obtain.ts';
export { openTokenCounter } from './token-counter.ts';
export type { TokenCounter } from './token-counter.ts';
