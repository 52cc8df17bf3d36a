export function violations(files: ReadonlyMap<string, string>): Promise<readonly string[]>;
export function sourceFiles(root: string): ReadonlyMap<string, string>;
