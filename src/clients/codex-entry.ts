/** Codex's words for a server, as those that other clients share. */
import { isJsonObject } from '../json.ts';

type Entry = Readonly<Record<string, unknown>>;

/** References to variables stand in it as ours already: nothing in Codex's own texts is replaced. */
export function codexEntry(written: Entry): Record<string, unknown> {
  const {
    env_vars: passedOn,
    bearer_token_env_var: bearerVariable,
    bearer_token: bearer,
    http_headers: headers,
    env_http_headers: variableHeaders,
    tool_timeout_sec: timeout,
    enabled_tools: allow,
    disabled_tools: deny,
    // Codex's approval of single tools has the name of our lists of them.
    tools: _approvals,
    ...rest
  } = written;
  const env = { ...variables(passedOn), ...(isJsonObject(rest['env']) ? rest['env'] : {}) };
  const allHeaders = {
    ...(isJsonObject(headers) ? headers : {}),
    ...references(variableHeaders),
    ...(typeof bearer === 'string' ? { Authorization: `Bearer ${bearer}` } : {}),
    ...(typeof bearerVariable === 'string' ? { Authorization: `Bearer \${${bearerVariable}}` } : {}),
  };
  return {
    ...rest,
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(Object.keys(allHeaders).length === 0 ? {} : { headers: allHeaders }),
    ...(typeof timeout === 'number' ? { timeoutMs: Math.ceil(timeout * 1000) } : {}),
    ...(allow === undefined ? {} : { enabledTools: allow }),
    ...(deny === undefined ? {} : { disabledTools: deny }),
  };
}

/** `["TOKEN", { name = "OTHER", source = "local" }]` */
function variables(list: unknown): Record<string, string> {
  const names = (Array.isArray(list) ? list : []).map((one: unknown) =>
    isJsonObject(one) ? one['name'] : one,
  );
  return Object.fromEntries(
    names.filter((name) => typeof name === 'string').map((name) => [name, `\${${name}}`]),
  );
}

function references(headers: unknown): Record<string, string> {
  const entries = Object.entries(isJsonObject(headers) ? headers : {});
  return Object.fromEntries(
    entries.flatMap(([header, name]) => (typeof name === 'string' ? [[header, `\${${name}}`]] : [])),
  );
}
