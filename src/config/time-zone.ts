/** Names of time zones, as the IANA database has them. */

let ofMachine: string | undefined;

/** That of the moment when it is first asked for: finding it out costs more than a step of a run, and runs ask at each call. */
export function machineTimeZone(): string {
  ofMachine ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return ofMachine;
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    // What it says is that the name is unknown.
    return false;
  }
}
