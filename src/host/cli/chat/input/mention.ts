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
    // A sentence may go on right behind a name: `see @notes.md, please`.
    for (const name of new Set([written, written.replace(/[.,;:!?)\]}>`]+$/, '')])) {
      const attachment = attachmentOf(name, workingFolder, catalog);
      if (!attachment) continue;
      found.set(name, attachment);
      break;
    }
  }
  return [...found.values()];
}

function attachmentOf(
  name: string,
  workingFolder: string,
  catalog: Pick<Catalog, 'resources' | 'resourceTemplates'>,
): Attachment | undefined {
  const isResource =
    catalog.resources.some(({ uri }) => uri === name) ||
    catalog.resourceTemplates.some(({ uriTemplate }) => matchesTemplate(uriTemplate, name));
  if (isResource) return { type: 'resource', uri: name };
  return isFile(resolve(workingFolder, name)) ? { type: 'file', path: name } : undefined;
}

/** Only whether there is one: its content comes from the filesystem server, which may refuse it. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
