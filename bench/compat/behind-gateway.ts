/** The foreign servers behind `serve`, all at once: is anything of what they list lost or changed on the way? */
import { printTable } from '../report.ts';
import type { NamedProgram } from './foreign-programs.ts';
import { serveProgram } from './gateway.ts';
import { listsOf } from './lists.ts';
import { type Era, introduced, type RawClient } from './raw-client.ts';
import { openRawHttp } from './raw-http.ts';
import { startRawStdio } from './raw-stdio.ts';
import { type Compared, compare, settledLists, type Told } from './transparency.ts';

interface Way {
  readonly name: string;
  readonly compared: Compared;
}

const ERAS = ['modern', 'legacy'] as const;

/** `url`: of `serve --http` with the same servers behind it. False where something differs. */
export async function compareBehindGateway(
  folder: string,
  servers: readonly NamedProgram[],
  url: string,
): Promise<boolean> {
  const own = new Map(
    await Promise.all(servers.map(async (server) => [server.name, await toldBy(server)] as const)),
  );
  const ways: Way[] = [];
  const program = serveProgram(folder, servers, '--stdio');
  for (const era of ERAS)
    ways.push({ name: `stdio, ${era}`, compared: await through(startRawStdio(program), era, own) });
  for (const era of ERAS)
    ways.push({ name: `HTTP, ${era}`, compared: await through(openRawHttp(url, era), era, own) });
  print(own, ways);
  return ways.every(({ compared }) => problemsOf(compared).length === 0);
}

async function toldBy(server: NamedProgram): Promise<Told> {
  await using client = await introduced(startRawStdio(server), 'legacy');
  return { lists: await listsOf(client), instructions: await client.instructions() };
}

async function through(raw: RawClient, era: Era, own: ReadonlyMap<string, Told>): Promise<Compared> {
  await using client = await introduced(raw, era);
  const lists = await settledLists(client, own);
  return compare(own, { lists, instructions: await client.instructions() });
}

function print(own: ReadonlyMap<string, Told>, ways: readonly Way[]): void {
  printTable(
    ['server', 'tools', 'resources', 'templates', 'prompts', 'instructions', ...ways.map(({ name }) => name)],
    [...own].map(([server, { lists, instructions }]) => [
      server,
      lists.tools.length,
      lists.resources.length,
      lists.resourceTemplates.length,
      lists.prompts.length,
      instructions.length,
      ...ways.map(({ compared }) => verdictOn(compared.differences.get(server) ?? [])),
    ]),
  );
  for (const { name, compared } of ways) {
    const problems = problemsOf(compared);
    console.log(
      `\n${name}: ${problems.length === 0 ? 'everything is as its server has it' : `${problems.length} differ`}`,
    );
    for (const problem of problems) console.log(`  ${problem}`);
  }
  console.log(
    `\nThe longest name of a tool has ${Math.max(...ways.map(({ compared }) => compared.longestName))} characters`,
  );
}

function verdictOn(differences: readonly string[]): string {
  return differences.length === 0 ? 'equal' : `${differences.length} differ`;
}

function problemsOf({ differences, unaccounted }: Compared): readonly string[] {
  const ofServers = [...differences].flatMap(([server, found]) => found.map((one) => `${server}, ${one}`));
  return [...ofServers, ...unaccounted.map((name) => `${name} is of no server`)];
}
