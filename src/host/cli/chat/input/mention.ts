/** `@path`, `@"path with blanks"` and `@uri` in a request: what is attached to it. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { Catalog } from '../../../../registry/contract.ts';
import type { Attachment } from '../../../workflow/attachment.ts';
import { matchesTemplate } from './uri-template.ts';

/** What stands behind an `@` at the beginning of a word, up to the cursor: still being written. */
export function openMention(textBeforeCursor: string): string | undefined {
  const [, quoted, plain] = /(?:^|[\s([{<`])@(?:"([^"]*)|([^\s"]*))$/.exec(textBeforeCursor) ?? [];
  return quoted ?? plain;
}

/** A name as it is written in a request. */
export function mentionOf(name: string): string {
  return /[\s"]/.test(name) ? `@"${name}"` : `@${name}`;
}

/**
 * The files and resources that a request names. A word behind an `@` that is neither, such as a person's handle, is left
 * as text.
 */
export function attachmentsOf(
  request: string,
  workingFolder: string,
  catalog: Pick<Catalog, 'resources' | 'resourceTemplates'>,
): readonly Attachment[] {
  const found = new Map<string, Attachment>();
  for (const [, quoted, plain] of request.matchAll(/(?:^|[\s([{<`])@(?:"([^"]+)"|([^\s"]+))/g)) {
    const written = quoted ?? plain ?? '';
    const attachment = attachmentOf(written, workingFolder, catalog);
    if (attachment) found.set(JSON.stringify(attachment), attachment);
  }
  return [...found.values()];
}

function attachmentOf(
  written: string,
  workingFolder: string,
  catalog: Pick<Catalog, 'resources' | 'resourceTemplates'>,
): Attachment | undefined {
  // A sentence may go on right behind a name: `see @notes.md, please`.
  const names = [...new Set([written, written.replace(/[.,;:!?)\]}>`]+$/, '')])].filter(
    (name) => name !== '',
  );
  const resource = names.find((name) => catalog.resources.some(({ uri }) => uri === name));
  if (resource !== undefined) return { type: 'resource', uri: resource };
  const path = names.find((name) => isFile(resolve(workingFolder, name)));
  if (path !== undefined) return { type: 'file', path };
  // A variable of a template would take the end of the sentence with it.
  const uri = names.at(-1) ?? '';
  const fits = catalog.resourceTemplates.some(({ uriTemplate }) => matchesTemplate(uriTemplate, uri));
  return fits ? { type: 'resource', uri } : undefined;
}

/** Only whether there is one: its content comes from the filesystem server, which may refuse it. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
