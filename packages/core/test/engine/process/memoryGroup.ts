import { Effect } from "effect"
import { accessSync, constants, existsSync, mkdirSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"

const ROOTS = [
  { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
  { root: "/sys/fs/cgroup", limit: "memory.max" },
]
const usable = ROOTS.find(({ limit, root }) => {
  try {
    accessSync(root, constants.W_OK)
    accessSync("/dev/kmsg", constants.R_OK)
    if (readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]") return false // the kernel's log has other ids
    const trial = join(root, `rigbook-trial-${process.pid}`)
    mkdirSync(trial)
    const limits = existsSync(join(trial, limit))
    rmdirSync(trial)
    return limits
  } catch {
    return false
  }
})

export const canLimitMemory = usable !== undefined

let made = 0

/** The folder of a control group whose processes may have `bytes` of memory together, for the time of the scope. */
export const memoryGroup = (bytes: number) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = join(usable!.root, `rigbook-test-${process.pid}-${made++}`)
      mkdirSync(folder)
      writeFileSync(join(folder, usable!.limit), `${bytes}`)
      return folder
    }),
    (folder) => Effect.sync(() => rmdirSync(folder)),
  )
