export interface HttpAddress {
  /** 0 takes a free port. */
  readonly port: number;
  /** A name or address of this machine alone; see `isLoopbackHost`. */
  readonly host: string;
}
