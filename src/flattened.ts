type Result<Item> = IteratorResult<Item, undefined>;

/**
 * The items of groups that come one after another, each group's without a wait between them, for a reader that asks for
 * one at a time. An iterator of its own and no generator: one that yields costs three promises for each item.
 */
export function flattened<Item>(groups: () => AsyncIterator<Iterable<Item>>): AsyncIterable<Item> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<Item, undefined> {
      const coming = groups();
      let group: Iterator<Item> = [][Symbol.iterator]();
      const nextGroup = (): Promise<Result<Item>> =>
        coming.next().then((found): Result<Item> | Promise<Result<Item>> => {
          if (found.done) return { done: true, value: undefined };
          group = found.value[Symbol.iterator]();
          const first = group.next();
          return first.done ? nextGroup() : first;
        });
      return {
        next() {
          const item = group.next();
          return item.done ? nextGroup() : Promise.resolve(item);
        },
        async return() {
          await coming.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
