/** What a person has to know of files that are watched, and what to do about it. */
import { toHostError } from '../../../../errors.ts';
import type { SourceOptions } from '../../source.ts';

type Problem = Parameters<SourceOptions['onProblem']>[0];

export function watchProblem(error: unknown): Problem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = error instanceof Error ? error.message : String(error);
  if (code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE')
    return {
      code: 'watch-limit',
      message: `The system watches no more files (${code}), so changes are looked for every few seconds instead. Raise the limit (Linux: sudo sysctl fs.inotify.max_user_watches=524288 and fs.inotify.max_user_instances=1024), or name fewer folders in "paths".`,
    };
  return {
    code: 'watch-failed',
    message: `The file system cannot be watched (${reason}), so changes are looked for every few seconds instead.`,
  };
}

export function linkOutside(link: string): Problem {
  return {
    code: 'link-outside',
    message: `${link} is a link that leads out of the folder, so changes of it start nothing. Name the place that it leads to in "paths".`,
  };
}

export function tooManyFiles(maxFiles: number): Problem {
  return {
    code: 'too-many-files',
    message: `There are more than ${maxFiles} files; those beyond are not looked at. Name fewer folders in "paths", or more in "ignore".`,
  };
}

export function folderMissing(folder: string): Problem {
  return {
    code: 'folder-missing',
    message: `${folder} is not there, or cannot be read. Files in it are events as soon as it is.`,
  };
}

/** Undefined where nobody has to know: the daemon ends, and the next start tells it. */
export function notTaken(error: unknown): Problem | undefined {
  const { code, message } = toHostError(error);
  if (code === 'host-closed') return undefined;
  if (code === 'queue-full')
    return { code: 'events-wait', message: `${message} Further changes of files are told as there is room.` };
  return {
    code: 'event-not-written',
    message: `Changes of files could not be written down, and are told again: ${message}`,
  };
}
