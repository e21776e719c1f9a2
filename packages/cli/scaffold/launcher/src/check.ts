import { fakeUnits } from "@rigbook/testkit"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { myLauncher } from "./index.ts"

/** Rigbook as it is installed for this package. */
const rigbook = dirname(createRequire(import.meta.url).resolve("rigbook/package.json"))
const program = { entry: join(rigbook, "dist/bin.js"), plugins: [] }

/** What the conformance suite tries the launcher with: units of an engine that only waits, and their workspace. */
export const subject = Effect.map(fakeUnits, (units) => {
  const { raw, root } = units.workspace
  return {
    ...units,
    connect: myLauncher.connect({ name: "here", address: "", workspace: { root, raw }, program }),
    // Found without the launcher: processes whose command names the folder of the units.
    running: Effect.sync(() =>
      execFileSync("ps", ["-eo", "pid=,args="], { encoding: "utf8" })
        .split("\n")
        .filter((line) => line.includes(join(raw, "../.units"))),
    ),
    secrets: [".units"],
  }
})
