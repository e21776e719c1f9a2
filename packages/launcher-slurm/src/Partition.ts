import type { Shape } from "@rigbook/core"
import { minutesOf, secondsOf } from "./Time.ts"

/** A partition of the cluster: what units may have there. */
export interface Partition {
  readonly name: string
  readonly isDefault: boolean
  /** The longest job in seconds; left out if nothing limits it. */
  readonly limitS?: number
  readonly nodes: number
  /** GPUs of a node by their type, the most that any has; the type of unnamed ones is "". */
  readonly gpus: ReadonlyMap<string, number>
}

/** What `sinfo` is asked to print of a partition, a row for each kind of node. */
export const SINFO_FORMAT = "%P|%l|%D|%G"

/** Partitions in what `sinfo` prints. Pure. */
export const fromSinfo = (text: string): ReadonlyArray<Partition> => {
  const rows = text
    .split("\n")
    .filter((line) => line.includes("|"))
    .map((line) => line.split("|").map((field) => field.trim()) as [string, string, string, string])
  return [...Map.groupBy(rows, ([name]) => name)].map(([name, all]) => {
    const gpus = new Map<string, number>()
    for (const [, , , gres = ""] of all)
      for (const [, type = "", count] of gres.matchAll(/(?:^|,)gpu(?::([^:,()]+))?:(\d+)/g))
        gpus.set(type, Math.max(gpus.get(type) ?? 0, Number(count)))
    const limitS = secondsOf(all[0]![1])
    return {
      name: name.replace(/\*$/, ""),
      isDefault: name.endsWith("*"),
      nodes: all.reduce((sum, [, , count]) => sum + Number(count), 0),
      gpus,
      ...(limitS === undefined ? {} : { limitS }),
    }
  })
}

/** What a host's `part` chooses: `gpu` a partition, `gpu/rtx5090` also the type of its GPUs. */
export interface Choice {
  readonly partition?: string
  readonly gpu?: string
}

/** Reads the part of `cluster:gpu/rtx5090`. Pure. */
export const choiceOf = (part: string | undefined): Choice => {
  const [partition = "", gpu = ""] = (part ?? "").split("/")
  return { ...(partition === "" ? {} : { partition }), ...(gpu === "" ? {} : { gpu }) }
}

/** Why no unit of this shape ever runs in a partition, and what to do; `undefined` if one does. Pure. */
export const partitionMisfit = (
  shape: Shape,
  { gpus, limitS, name, nodes: available }: Partition,
): { readonly detail: string; readonly fix: string } | undefined => {
  const { gpu, gpus: count, nodes, seconds } = shape
  if (nodes > available)
    return {
      detail: `a unit needs ${nodes} nodes, and the partition ${name} has ${available}.`,
      fix: "Choose another partition, or fewer nodes.",
    }
  if (limitS !== undefined && 60 * minutesOf(seconds) > limitS)
    return {
      // sbatch accepts such a job, which then waits for ever.
      detail: `a unit may take ${minutesOf(seconds)} minutes, and the partition ${name} allows ${Math.floor(limitS / 60)}.`,
      fix: "Choose another partition, fewer scenarios, or fewer trials.",
    }
  if (count === 0) return undefined
  const types = [...gpus.keys()].filter((type) => type !== "")
  const most = gpu === undefined ? Math.max(0, ...gpus.values()) : (gpus.get(gpu) ?? 0)
  if (count > most)
    return {
      detail: `a unit needs ${count} GPUs${gpu === undefined ? "" : ` of type ${gpu}`}, and a node of the partition ${name} has ${most}${gpu === undefined || types.length === 0 ? "" : ` (types: ${types.join(", ")})`}.`,
      fix: "Choose another placement, partition, or type.",
    }
  return gpu === undefined && types.length > 1
    ? {
        detail: `the partition ${name} has GPUs of several types (${types.join(", ")}), so it is not known which one would be measured.`,
        fix: `Name the type: --on HOST:${name}/${types[0]}.`,
      }
    : undefined
}
