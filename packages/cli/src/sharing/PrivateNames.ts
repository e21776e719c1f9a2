import { Effect } from "effect"
import { hostname, userInfo } from "node:os"
import { hostNames, knownHost } from "../hosts/KnownHosts.ts"

/** Names of accounts and machines that say nothing of anybody, and that occur in any text. */
const COMMON = new Set(
  "admin box debian docker home host local localhost machine me nobody node rig root runner server test ubuntu user users work".split(
    " ",
  ),
)

/** What must not be in what is published: this account and machine, those of the user's other hosts, and further words. */
export const privateNames = Effect.fn("PrivateNames.privateNames")(function* (more: ReadonlyArray<string>) {
  const hosts = yield* Effect.forEach(yield* hostNames, knownHost)
  const addresses = hosts.flatMap(({ address }) => partsOf(address))
  const { HOSTNAME, LOGNAME, USER } = process.env
  return namesOf([accountName(), USER, LOGNAME, HOSTNAME, hostname(), ...addresses], more)
})

/** The names, and the first part of each machine's full name; those that everybody has are left out, further words are not. Pure. */
export const namesOf = (
  found: ReadonlyArray<string | undefined>,
  more: ReadonlyArray<string> = [],
): ReadonlyArray<string> => {
  const names = found.flatMap((name) => (name === undefined ? [] : [name, name.split(".")[0]!]))
  const own = names.filter((name) => name.length > 2 && /\p{L}/u.test(name) && !COMMON.has(name.toLowerCase()))
  return [...new Set([...own, ...more.filter((word) => word !== "")])]
}

/** An account without a name in the system's list, as in some containers, has none to mask. */
const accountName = (): string | undefined => {
  try {
    return userInfo().username
  } catch {
    return undefined
  }
}

/** User and machine of `user@box`, `ssh://user@box:22` or `box`. Pure. */
const partsOf = (address: string): ReadonlyArray<string> =>
  address
    .replace(/^\w+:\/\//, "")
    .replace(/:\d+$/, "")
    .split(/[@/]/)
