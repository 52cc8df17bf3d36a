/**
 * JSON Schema for what servers promise: 2020-12 unless a schema names draft-07. Nothing is ever fetched: a `$ref` to
 * the network makes the schema one that cannot be used.
 */
import { Ajv, type ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';

import { messageOf } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';

export type SchemaVerdict =
  | { readonly type: 'valid' }
  | { readonly type: 'violation'; readonly message: string }
  | { readonly type: 'unusable-schema'; readonly message: string };

type Compiled = { readonly validate: ValidateFunction } | { readonly unusable: string };

const OPTIONS = { strict: false, allErrors: false, validateFormats: true, logger: false } as const;

export class SchemaChecker {
  readonly #compiled = new WeakMap<object, Compiled>();
  readonly #shared = newDialects();

  /** Checks a value; a schema is compiled at its first use and kept for as long as its object lives. */
  check(schema: JsonObject, value: Json | undefined): SchemaVerdict {
    const compiled = this.#compile(schema);
    if ('unusable' in compiled) return { type: 'unusable-schema', message: compiled.unusable };
    const { validate } = compiled;
    if (validate(value)) return { type: 'valid' };
    const [error] = validate.errors ?? [];
    const place = error?.instancePath === '' ? 'the value' : `'${error?.instancePath}'`;
    return { type: 'violation', message: `${place} ${error?.message ?? 'does not match'}` };
  }

  /** Why the schema is none, by its meta-schema alone; undefined where it is one. */
  fault(schema: JsonObject): string | undefined {
    const { ajv, body } = dialectOf(schema, this.#shared);
    if (ajv.validateSchema(body) === true) return undefined;
    const [error] = ajv.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? 'does not match its meta-schema'}`.trim();
  }

  #compile(schema: JsonObject): Compiled {
    const known = this.#compiled.get(schema);
    if (known !== undefined) return known;
    let compiled: Compiled;
    try {
      // One instance a schema: two tools may both say `$id: "result"`.
      const { ajv, body } = dialectOf(schema, newDialects());
      compiled = { validate: ajv.compile(body) };
    } catch (error) {
      compiled = { unusable: messageOf(error).slice(0, 300) };
    }
    this.#compiled.set(schema, compiled);
    return compiled;
  }
}

interface Dialects {
  readonly draft07: () => Ajv;
  readonly draft2020: () => Ajv2020;
}

function newDialects(): Dialects {
  let draft07: Ajv | undefined;
  let draft2020: Ajv2020 | undefined;
  return {
    draft07: () => {
      draft07 ??= addFormats(new Ajv(OPTIONS));
      return draft07;
    },
    draft2020: () => {
      draft2020 ??= addFormats(new Ajv2020(OPTIONS));
      return draft2020;
    },
  };
}

/** A dialect that is neither is read as 2020-12, which shares its keywords with the others. */
function dialectOf(schema: JsonObject, dialects: Dialects): { ajv: Ajv | Ajv2020; body: JsonObject } {
  const { $schema, ...body } = schema;
  const draft07 = typeof $schema === 'string' && /draft-0[67]/.test($schema);
  return { ajv: draft07 ? dialects.draft07() : dialects.draft2020(), body };
}

function addFormats<T extends Ajv | Ajv2020>(ajv: T): T {
  addFormatsModule.default(ajv);
  return ajv;
}
