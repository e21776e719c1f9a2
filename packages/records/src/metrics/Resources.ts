import { absent, measured, type MemoryReadings, type Metric } from "@rigbook/core"

/* Source: proc(5), VmRSS of each process of the tree. */

const resource = { tasks: ["generate", "embed"], better: "lower" } as const

/** From the start of the engine's process until it is ready to answer. One figure per opening of the engine. */
export const loadTime: Metric = {
  ...resource,
  id: "load_s",
  title: "Load time",
  definition: "time from the engine's start until it was ready",
  unit: "s",
  per: "opening",
  measure: ({ loadMs }) => measured(loadMs / 1000),
}

/**
 * Largest resident memory (RSS, pages of memory-mapped files included) of the engine's whole process tree,
 * over readings every 50 ms. Pages that several of its processes share count for each.
 */
export const memoryPeak: Metric = {
  ...resource,
  id: "memory_peak",
  title: "Peak memory",
  label: "peak memory",
  definition: "largest resident memory of the engine's process tree while a trial ran",
  unit: "B",
  roles: ["compared", "memory"],
  measure: ({ memory }) =>
    memory.rssBytes.length === 0 ? unread(memory) : measured(memory.rssBytes.reduce((a, b) => Math.max(a, b))),
}

/** Resident memory of the engine's process tree, averaged over time (trapezoids between readings). */
export const memoryMean: Metric = {
  ...resource,
  id: "memory_mean",
  title: "Mean memory",
  definition: "mean resident memory of the engine's process tree while a trial ran",
  unit: "B",
  measure: ({ memory }) => {
    const { atMs, rssBytes } = memory
    if (rssBytes.length === 0) return unread(memory)
    const span = atMs.at(-1)! - atMs[0]!
    if (span === 0) return measured(rssBytes[0]!)
    let area = 0
    for (let i = 1; i < atMs.length; i++) area += ((rssBytes[i]! + rssBytes[i - 1]!) / 2) * (atMs[i]! - atMs[i - 1]!)
    return measured(area / span)
  },
}

const unread = ({ absent: reason }: MemoryReadings) => absent(reason ?? "no reading was taken")
