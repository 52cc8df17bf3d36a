/** Which variables a person has to set for an imported server, and why. */
import type { Environment } from '../config/environment.ts';
import type { ClientEntry } from './client-entry.ts';
import type { HiddenSecret } from './hide-secrets.ts';
import type { WantedVariable } from './references.ts';

export interface NeededVariable {
  readonly name: string;
  readonly server: string;
  readonly because: string;
  /** Whether it has a value already. */
  readonly isSet: boolean;
}

interface Needs {
  readonly name: string;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly wanted: readonly WantedVariable[];
  readonly secrets: readonly HiddenSecret[];
  readonly env: Environment;
}

export function neededVariables(
  { client, file, name: theirName }: ClientEntry,
  { name: server, entry, wanted, secrets, env }: Needs,
): NeededVariable[] {
  const needed = [
    ...wanted,
    ...secrets.map(({ variable, at }) => ({
      name: variable,
      because: `its value stands in ${file}, ${theirName}: ${at}`,
    })),
  ];
  const told = new Set(needed.map(({ name }) => name));
  const inherited = [...requiredVariables(JSON.stringify(entry))].filter(
    (name) => !told.has(name) && (env[name] ?? '') === '',
  );
  return [
    ...needed,
    ...inherited.map((name) => ({ name, because: `${client.title} takes it from its environment` })),
  ].map(({ name, because }) => ({ name, server, because, isSet: (env[name] ?? '') !== '' }));
}

/** Those without a default; `$${NAME}` is none. */
function requiredVariables(text: string): ReadonlySet<string> {
  const found = [...text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)\}/g)].map(([, name = '']) => name);
  return new Set(found.filter((name) => name !== 'workspaceFolder' && name !== 'userHome'));
}
