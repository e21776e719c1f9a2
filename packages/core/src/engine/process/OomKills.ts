import { readFileSync } from "node:fs"

/**
 * Processes of this process's control group, which includes engines, that the kernel has killed because memory ran out
 * so far. `undefined` if it does not count them.
 */
export const oomKills = (): number | undefined => {
  for (const file of counterFiles(read("/proc/self/cgroup"))) {
    const count = countIn(read(file))
    if (count !== undefined) return count
  }
  return undefined
}

/** Where the counter is, for a process's control groups: version 2 includes subgroups, version 1 only its own. Pure. */
export const counterFiles = (groups: string): ReadonlyArray<string> =>
  groups.split("\n").flatMap((line) => {
    const [, , controllers, path] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? []
    if (path === undefined) return []
    if (controllers === "") return [`/sys/fs/cgroup${path}/memory.events`]
    return controllers!.split(",").includes("memory") ? [`/sys/fs/cgroup/memory${path}/memory.oom_control`] : []
  })

/** Pure. */
export const countIn = (text: string): number | undefined => {
  const count = /^oom_kill (\d+)$/m.exec(text)?.[1]
  return count === undefined ? undefined : Number(count)
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
