import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { GROUP, GUARD_NAME, OWNER } from "../../../src/engine/process/Guard.ts"
import { endOrphans } from "../../../src/engine/process/Orphans.ts"
import { markText, ownMark } from "../../../src/engine/process/ProcessMark.ts"
import { isAlive, untilGone } from "./processes.ts"

// Only Linux shows the environment of a process.
const linux = process.platform === "linux"

/** A program that has ended; the time is of none that ever ran. */
const ENDED = markText({ ...ownMark(), pid: spawnSync("true").pid, start: "1" })
const SELF = markText(ownMark())

/** A process in a session of its own, as guards begin them. `group`: whether its environment names that. */
const started = (owner: string | undefined, script = "exec sleep 600", group: "named" | "other" | "none" = "named") => {
  const [to, before] = [
    group === "named" ? `export ${GROUP}=$$;` : "",
    group === "other" ? { [GROUP]: String(process.pid) } : {},
  ]
  return spawn("/bin/sh", ["-c", `${to} exec /bin/sh -c "$0"`, script], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], ...before, ...(owner === undefined ? {} : { [OWNER]: owner }) },
  })
}
const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout!.once("data", (text) => resolve(String(text).trim())))
/** Only once it has the environment that it was given may it be checked. */
const UP = "echo up; exec sleep 600"

describe.runIf(linux)("endOrphans", () => {
  it.live("ends what the guards of a killed program left, also where it is deaf or stopped", () =>
    Effect.gen(function* () {
      const deaf = started(ENDED, "trap '' TERM; echo up; while :; do sleep 600; done")
      const stopped = started(ENDED, "echo up; kill -STOP $$")
      yield* Effect.promise(() => Promise.all([deaf, stopped].map(firstLine)))
      const found = yield* endOrphans
      const pids = [deaf.pid!, stopped.pid!]
      assert.includeMembers(
        found.map(({ pid }) => pid),
        pids,
      )
      yield* Effect.promise(() => untilGone(pids))
    }),
  )

  it.live("ends a child of such a process that has overwritten its environment, and a stopped guard", () =>
    Effect.gen(function* () {
      const parent = started(ENDED, `env -i /bin/sleep 600 & echo $!; wait`)
      const child = Number(yield* Effect.promise(() => firstLine(parent)))
      const guard = spawn("/bin/sh", ["-c", "echo up; sleep 600; :", GUARD_NAME], {
        detached: true,
        stdio: ["ignore", "pipe", "ignore"],
        env: { PATH: process.env["PATH"], [OWNER]: ENDED, [GROUP]: "" },
      })
      yield* Effect.promise(() => firstLine(guard))
      yield* endOrphans
      yield* Effect.promise(() => untilGone([parent.pid!, child, guard.pid!]))
    }),
  )

  it.live("leaves every stranger alone", () =>
    Effect.gen(function* () {
      const { pid, ...rest } = ownMark()
      const strangers = [
        started(undefined, UP), // without a mark
        started(SELF, UP), // a living program's
        started(markText({ ...rest, pid, boot: "0" }), UP), // of another machine
        started(markText({ ...rest, pid, namespace: "1" }), UP), // of a container, where ids mean others
        started(ENDED, UP, "none"), // not started by a guard
        started(ENDED, UP, "other"), // detached itself, as a daemon does
        started("hello", UP),
      ]
      yield* Effect.promise(() => Promise.all(strangers.map(firstLine)))
      const ended = (yield* endOrphans).map(({ pid: id }) => id)
      for (const { pid: id } of strangers) {
        assert.notInclude(ended, id)
        assert.isTrue(isAlive(id!))
      }
      for (const { pid: id } of strangers) process.kill(id!, "SIGKILL")
    }),
  )
})
