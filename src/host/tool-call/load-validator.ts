/** Kept, because even a loaded module is looked up anew by every `import()`. */
let loaded: Promise<typeof import('./validate.ts')> | undefined;

/** The validator of arguments, which is large and loaded when the first call needs it. */
export function loadValidator(): Promise<typeof import('./validate.ts')> {
  loaded ??= import('./validate.ts');
  return loaded;
}
