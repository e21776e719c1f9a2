import { HostAway, LaunchError } from "@rigbook/core"

/** How a program ended. */
export interface Ended {
  /** Left out for one that could not be started, or was ended by a signal. */
  readonly exitCode?: number | undefined
  readonly signal?: string | undefined
  readonly stdout: string
  readonly stderr: string
}

/** What ssh itself ends with if the connection fails or breaks. */
const BROKEN = 255

/** Failures that trying again would not help. */
const FINAL =
  /permission denied|host key verification failed|could not resolve|bad configuration option|no such identity/i

/** How programs say that a disk, or its user's share of it, is full; tar also by what it wrote last. */
const FULL = /no space left on device|Wrote only \d+ of \d+ bytes|ENOSPC|disk quota exceeded|EDQUOT/i

/** Begins what a command of this machine said that has failed. */
export const HERE = "tar on this machine: "

/** That a command failed on the other machine, by what it said: a full disk is nothing that was lost. Pure. */
export const commandFailure = (host: string, said: string, fix: string): LaunchError => {
  if (!FULL.test(said)) return new LaunchError({ host, detail: `a command failed there: ${said}`, fix })
  return said.startsWith(HERE)
    ? new LaunchError({
        host,
        detail: `the disk of this machine is full: ${said.slice(HERE.length)}`,
        fix: "Free some space here, then run the command again: the records are still there.",
      })
    : new LaunchError({
        host,
        detail: `its disk is full: ${said}`,
        fix: "Free some space there, then run the command again: units and records that are there stay.",
      })
}

/** Why ssh ended, without the address that it was called with. Pure. */
export const failureOf = (
  host: string,
  address: string,
  { exitCode, signal, stderr }: Ended,
): LaunchError | HostAway => {
  const said = stderr.trim().split("\n").at(-1)?.replaceAll(address, "its address") || "it says nothing."
  if (exitCode === undefined && signal === undefined)
    return new LaunchError({ host, detail: "ssh can't be started here.", fix: "Install OpenSSH's client." })
  if (exitCode !== undefined && exitCode !== BROKEN) return commandFailure(host, said, "Try it with ssh.")
  return FINAL.test(stderr)
    ? new LaunchError({ host, detail: `ssh can't log in: ${said}`, fix: "Make `ssh` work without a question first." })
    : new HostAway({
        host,
        detail: `it can't be reached: ${signal === undefined ? said : `ssh was ended here by ${signal}.`}`,
        fix: "Units run on there: run the same command again.",
      })
}
