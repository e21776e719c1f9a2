import type { NodeServices } from "@effect/platform-node"
import type { Launcher, LaunchTarget } from "@rigbook/core"
import { loadLauncher, partsOf } from "@rigbook/runner"
import { DateTime, Effect, Fiber } from "effect"
import { fileURLToPath } from "node:url"
import { usageFailure } from "../Failure.ts"
import { findInstalled, installedParts, known } from "../Plugins.ts"
import { keepHost, type KnownHost, knownHost, recentFacts, withFacts } from "./KnownHosts.ts"

type Services = NodeServices.NodeServices

/** The file that Node runs: beside what is built of this one. */
const ENTRY = fileURLToPath(new URL("bin.js", import.meta.url))

/** The installed launcher of an id. */
export const launcherOf = Effect.fn("Connect.launcherOf")(function* (id: string) {
  const parts = partsOf(yield* installedParts, "launchers")
  const part = parts.find(({ about }) => about.id === id)
  if (part === undefined)
    return yield* usageFailure(
      `There is no launcher "${id}"; ${known(parts.map(({ about }) => about.id))} Install it with: npm install @rigbook/launcher-${id}`,
    )
  const launcher: Launcher<Services> = yield* loadLauncher<Services>(part)
  return launcher
})

/** Connects to a host: this program and its plugins go there, but for launchers, which run here. */
export const connectTo = Effect.fn("Connect.connectTo")(function* (
  { address, launcher }: Pick<KnownHost, "address" | "launcher">,
  target: Pick<LaunchTarget, "name" | "part" | "known" | "workspace">,
) {
  const plugins = (yield* findInstalled).flatMap((plugin) =>
    "manifest" in plugin && (plugin.manifest.backends ?? plugin.manifest.metrics) !== undefined ? [plugin.folder] : [],
  )
  return yield* (yield* launcherOf(launcher)).connect({ ...target, address, program: { entry: ENTRY, plugins } })
})

/**
 * A connection to a host that the user has added, by its name and part, without reading what it is: that may take a free
 * node, and would disturb what is measured there. What is known of it counts, whatever its age.
 */
export const connectOnly = Effect.fn("Connect.connectOnly")(function* (
  named: string,
  workspace: LaunchTarget["workspace"],
) {
  const [name = "", part] = named.split(":")
  const host = yield* knownHost(name)
  const known = part === undefined ? host.facts : host.parts?.[part]?.facts
  const target = { name: named, workspace, ...(part === undefined ? {} : { part }) }
  return yield* connectTo(host, { ...target, ...(known === undefined ? {} : { known }) })
})

/**
 * A connection to a host that the user has added, by its name and part (`cluster:gpu`), with its facts. Where these are known
 * it is still being made: what is planned meanwhile costs no time.
 */
export const connectNamed = Effect.fn("Connect.connectNamed")(function* (
  named: string,
  workspace: LaunchTarget["workspace"],
  refresh = false,
) {
  const [name = "", part] = named.split(":")
  const host = yield* knownHost(name)
  const now = yield* DateTime.now
  const known = refresh ? undefined : recentFacts(host, part, DateTime.toEpochMillis(now))
  const target = { name: named, workspace, ...(part === undefined ? {} : { part }) }
  const connecting = yield* Effect.forkScoped(
    connectTo(host, { ...target, ...(known === undefined ? {} : { known }) }),
    { startImmediately: true },
  )
  const connected = Fiber.join(connecting)
  if (known !== undefined) return { connected, facts: known }
  const facts = yield* (yield* connected).facts
  // Read again: meanwhile another Rigbook may have kept another part.
  yield* keepHost(name, withFacts(yield* knownHost(name), part, { facts, checkedAt: DateTime.formatIso(now) }))
  return { connected, facts }
})
