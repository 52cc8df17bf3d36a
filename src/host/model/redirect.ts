/**
 * Where a provider sends a request on to. `fetch` knows the rules of that but one: of the keys it keeps only some from another
 * origin. Nothing goes there: then it is an error that says where it would have gone.
 */
export function redirectTarget(location: string, from: URL): URL | Error {
  const target = URL.parse(location, from.href);
  if (target !== null && target.origin === from.origin) return target;
  return new Error(
    `${from.origin} sends requests on to ${target?.origin ?? 'what is no address'}, where keys and conversations are not sent. Where that is meant, set "baseUrl" to it`,
  );
}
