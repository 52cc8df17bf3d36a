/**
 * `node writer.ts <folder> <home> <name> <count>`: stores documents of one chunk each, embeds in between, searches, and
 * removes its first document at the end. Ends with 1 when anything fails.
 */
import { Store } from '../../../src/servers/store/store.ts';
import { chunksOf, countingEmbedder, documentOf } from './world.ts';

const [folder = '', home = '', name = '', countText = ''] = process.argv.slice(2);
await using embedder = countingEmbedder(home);
await using store = new Store({ folder, collection: 'shared', embedder });
for (let index = 0; index < Number(countText); index += 1) {
  store.put(
    documentOf(`${name}-${index}`),
    chunksOf(`The ${name} writer stores its sentence number ${index}.`),
  );
  if (index % 10 === 9) {
    await store.updateVectors();
    const { hits } = await store.search(`sentence of ${name}`, { limit: 3 });
    if (hits.length === 0) throw new Error('A search found nothing of what was just stored.');
  }
}
await store.updateVectors();
store.remove([`${name}-0`]);
await store.updateVectors();
