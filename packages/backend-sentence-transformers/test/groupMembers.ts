import { execFileSync } from "node:child_process"

/** Members of the process group of an engine that still run, by name. */
export const groupMembers = (group: number): ReadonlyArray<{ readonly pid: number; readonly args: string }> =>
  execFileSync("ps", ["-eo", "pgid=,pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, , stat]) => Number(pgid) === group && !stat!.startsWith("Z"))
    .map(([, pid, , ...args]) => ({ pid: Number(pid), args: args.join(" ") }))
