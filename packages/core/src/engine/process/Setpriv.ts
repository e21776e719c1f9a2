import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"

let found: { readonly path: string | undefined } | undefined

/**
 * The program of util-linux by which the kernel sends a process a signal when its parent ends; `undefined` where there
 * is none that can: BusyBox has one of this name that can't.
 */
export const setpriv = (): string | undefined => {
  found ??= { path: PATHS.find((path) => existsSync(path) && canTether(path)) }
  return found.path
}

const PATHS = ["/usr/bin/setpriv", "/bin/setpriv", "/run/current-system/sw/bin/setpriv"]

const canTether = (path: string): boolean =>
  spawnSync(path, ["--pdeathsig", "KILL", "--", "/bin/sh", "-c", ":"], { stdio: "ignore" }).status === 0
