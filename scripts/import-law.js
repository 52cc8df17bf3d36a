// The import law: which room may open which door. Reads what is imported at run time (type imports are free), static and
// dynamic alike, and names every import that the law forbids. docs/architecture.md draws the same borders.
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { init, parse } from 'es-module-lexer';

/** `from` and `to` are patterns over paths below the root; `to` also matches package names. `except` frees a file. */
export const LAW = [
  {
    name: 'The registry knows MCP and nothing about models or runs',
    from: /^src\/registry\//,
    to: /^src\/(host|servers|embedding)\//,
  },
  { name: 'Our servers run alone', from: /^src\/servers\//, to: /^src\/(host|registry)\// },
  { name: 'The embedder is a leaf', from: /^src\/embedding\//, to: /^src\/(host|registry|servers)\// },
  {
    name: 'Downloading is a leaf',
    from: /^src\/download\//,
    to: /^src\/(host|registry|servers|embedding|local-model|database|config)\//,
  },
  {
    name: 'The files of local models are a leaf',
    from: /^src\/local-model\//,
    to: /^src\/(host|registry|servers|embedding)\//,
  },
  {
    name: 'Local models are opened by the model, the composition root and the command line',
    from: /^src\//,
    except: /^src\/(local-model\/|host\/(host\.ts$|model\/|cli\/))/,
    to: /^src\/local-model\//,
  },
  {
    name: 'Config is read by everyone and opens no room',
    from: /^src\/config\//,
    to: /^src\/(registry|servers|embedding|host)\//,
  },
  {
    name: 'The configs of other clients are a leaf',
    from: /^src\/clients\//,
    to: /^src\/(host|registry|servers|embedding|local-model|database|download)\//,
  },
  {
    name: 'Only the command line opens the configs of other clients',
    from: /^src\/(?!clients\/|host\/cli\/)/,
    to: /^src\/clients\//,
  },
  {
    name: 'Only the composition root opens the registry and the embedder',
    from: /^src\/host\//,
    except: /^src\/host\/(host(-registry)?|lazy-embedder)\.ts$/,
    to: /^src\/(registry|embedding)\//,
  },
  {
    name: 'The registry and the embedder have one door',
    from: /^src\/(host|servers)\//,
    to: /^src\/(registry|embedding)\/(?!index\.ts$)/,
  },
  { name: 'Only surfaces open the host', from: /^src\/host\/(?!cli\/)/, to: /^src\/host\/(host\.ts$|cli\/)/ },
  {
    name: 'The registry is opened by the composition root and by who serves from it at once',
    from: /^src\/host\/(?!host\.ts$|cli\/serve\.ts$)/,
    to: /^src\/host\/host-registry\.ts$/,
  },
  {
    name: 'Serving is a surface, over a host that it is given',
    from: /^src\/host\/(?!cli\/|serve\/)/,
    to: /^src\/host\/serve\//,
  },
  {
    name: 'Serving knows what the host offers, not how it works',
    from: /^src\/host\/serve\//,
    to: /^src\/host\/(agent|workflow|model|engine|session|memory|guard|approval|client-token)\//,
  },
  {
    name: 'Triggers know runs, not how they work',
    from: /^src\/host\/trigger\//,
    to: /^src\/host\/(agent|workflow|model|tool-call|session|memory|serve|client-run|client-token)\//,
  },
  {
    name: 'Sources of events know no runs',
    from: /^src\/host\/trigger\/source\//,
    to: /^src\/host\/(engine|approval)\//,
  },
  {
    name: 'Triggers are opened by the composition root and the command line',
    from: /^src\/host\/(?!trigger\/|host\.ts$|cli\/)/,
    to: /^src\/host\/trigger\//,
  },
  { name: 'The wire is a leaf', from: /^src\/wire\//, to: /^src\/(?!wire\/|json\.ts$|errors\.ts$)/ },
  {
    name: 'Only the command line starts servers',
    from: /^src\/(?!servers\/|host\/cli\/server\.ts$)/,
    to: /^src\/servers\//,
  },
  {
    name: 'workflow → agent → tool-call, model, engine, telemetry, approval',
    from: /^src\/host\/(tool-call|approval|model|engine|telemetry)\//,
    to: /^src\/host\/(agent|workflow)\//,
  },
  {
    name: 'Tool calls know a policy, not which',
    from: /^src\/host\/tool-call\//,
    to: /^src\/host\/approval\//,
  },
  { name: 'Workflows are opened from above', from: /^src\/host\/agent\//, to: /^src\/host\/workflow\// },
  {
    name: 'A model is a wire',
    from: /^src\/host\/model\//,
    to: /^src\/host\/(agent|workflow|tool-call|engine|telemetry|cli)\//,
  },
  {
    name: 'The protocol SDK stays at the edges',
    from: /^src\//,
    except: /^src\/(registry\/(transport|stdio-transport|connection|oauth)[a-z-]*\.ts|servers\/)/,
    to: /^@modelcontextprotocol\//,
  },
  {
    name: 'Express stays with who listens',
    from: /^src\//,
    except: /^src\/host\/(serve\/http|console)\//,
    to: /^express(-rate-limit)?$/,
  },
  {
    name: 'Serving over standard input and output loads nothing of HTTP',
    from: /^src\/host\/(?!serve\/http\/|cli\/serve-http\.ts$)/,
    to: /^src\/host\/serve\/http\//,
  },
  {
    name: 'The Anthropic SDK lives in one file',
    from: /^src\//,
    except: /^src\/host\/model\/anthropic-wire\.ts$/,
    to: /^@anthropic-ai\//,
  },
  {
    name: 'The OpenAI SDK lives in one file',
    from: /^src\//,
    except: /^src\/host\/model\/openai\.ts$/,
    to: /^openai(\/|$)/,
  },
  {
    name: 'Transformers are the embedder’s',
    from: /^src\//,
    except: /^src\/embedding\//,
    to: /^@huggingface\//,
  },
  { name: 'LanceDB is the store’s', from: /^src\//, except: /^src\/servers\/store\//, to: /^@lancedb\// },
  {
    name: 'SQLite has two doors',
    from: /^src\//,
    except: /^src\/(database|servers\/store)\//,
    to: /^node:sqlite$/,
  },
  {
    name: 'Databases are opened by the store and by the host’s state',
    from: /^src\//,
    except: /^src\/(database\/|servers\/store\/|host\/state\.ts$|host\/(engine|client-token)\/)/,
    to: /^src\/database\/(?!write-lock\.ts$)/,
  },
  {
    name: 'The database is a leaf',
    from: /^src\/database\//,
    to: /^src\/(host|registry|servers|embedding|config)\//,
  },
  {
    name: 'Only config/environment.ts reads the environment',
    from: /^src\//,
    except: /^src\/config\/environment\.ts$/,
    to: /^process\.env$/,
  },
];

/** `files` maps paths like `src/a/b.ts` to their TypeScript source. Returns one line a violation. */
export async function violations(files) {
  await init;
  const graph = new Map([...files].map(([path, source]) => [path, importsOf(path, source)]));
  const found = [];
  for (const [path, targets] of graph) {
    for (const target of targets) {
      for (const rule of LAW) {
        if (!rule.from.test(path) || rule.except?.test(path) || !rule.to.test(target)) continue;
        found.push(`${path} imports ${target}: ${rule.name}.`);
      }
    }
  }
  return [...found, ...circles(graph)];
}

function importsOf(path, source) {
  const plain = stripTypeScriptTypes(source);
  const [imports] = parse(plain);
  const targets = imports
    .map((entry) => entry.specifier)
    .filter((name) => typeof name === 'string')
    .map((name) => (name.startsWith('.') ? posix.join(posix.dirname(path), name) : name));
  if (/\bprocess\.env\b/.test(plain.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')))
    targets.push('process.env');
  return targets;
}

function circles(graph) {
  const found = [];
  const state = new Map();
  const visit = (path, trail) => {
    if (state.get(path) === 'done' || !graph.has(path)) return;
    if (state.get(path) === 'open') {
      found.push(
        `${[...trail.slice(trail.indexOf(path)), path].join(' → ')}: a circle has no first file to read.`,
      );
      return;
    }
    state.set(path, 'open');
    for (const target of graph.get(path)) visit(target, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

export function sourceFiles(root) {
  const names = readdirSync(join(root, 'src'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  return new Map(
    names.map((name) => {
      const file = join(root, 'src', name);
      return [relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await violations(sourceFiles(dirname(dirname(fileURLToPath(import.meta.url)))));
  for (const line of found) process.stdout.write(`${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
