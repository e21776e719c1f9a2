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

/** Why ssh ended, without the address that it was called with. Pure. */
export const failureOf = (
  host: string,
  address: string,
  { exitCode, signal, stderr }: Ended,
): LaunchError | HostAway => {
  const said = stderr.trim().split("\n").at(-1)?.replaceAll(address, "its address") || "it says nothing."
  if (exitCode === undefined && signal === undefined)
    return new LaunchError({ host, detail: "ssh can't be started here.", fix: "Install OpenSSH's client." })
  if (exitCode !== undefined && exitCode !== BROKEN)
    return new LaunchError({ host, detail: `a command failed there: ${said}`, fix: "Try it with ssh." })
  return FINAL.test(stderr)
    ? new LaunchError({ host, detail: `ssh can't log in: ${said}`, fix: "Make `ssh` work without a question first." })
    : new HostAway({
        host,
        detail: `it can't be reached: ${signal === undefined ? said : `ssh was ended here by ${signal}.`}`,
        fix: "Units run on there: run the same command again.",
      })
}
