/** Something that happens to a site at a random moment. */
export interface Fault {
  readonly name: string
  /** Makes it happen, and returns what ends it, if it does not end by itself. */
  readonly begin: () => Promise<(() => Promise<void>) | void>
}

/** Where a sweep runs: real schedulers and servers on this machine's loopback. */
export interface Site {
  /** Arguments of `rigbook host add` behind the name. */
  readonly add: ReadonlyArray<string>
  /** What `--on` names. */
  readonly on: string
  /** Variables for Rigbook. */
  readonly env: Readonly<Record<string, string>>
  /** How often each fault happens in a sweep of 100 units. */
  readonly faults: ReadonlyArray<Fault & { readonly times: number }>
  /** What still runs of any unit, found without Rigbook. */
  readonly running: () => Promise<ReadonlyArray<string>>
  /** Folders of attempts, with the folder of the records of each. */
  readonly attempts: (raw: string) => ReadonlyArray<{ readonly name: string; readonly records: string }>
  readonly stop: () => Promise<void>
}
