import { assert, describe, it } from "@effect/vitest"
import type { RunProgress } from "@rigbook/records"
import { liveRun, liveState } from "../../src/html/LivePage.ts"
import { Markup } from "../../src/markup/markup.ts"
import { around, languageRun, value } from "../fixtures.ts"
import { hostileRegistry } from "./hostileRegistry.ts"

const { cell, environment, requested, startedAt } = languageRun()

const sample = (phase: "warmup" | "measured", trial: number, opening = 0) => ({
  trial,
  phase,
  opening,
  startedAt,
  requests: [],
  memory: { atMs: [], rssBytes: [] },
  loadMs: 1000,
})

const running = (
  openings: number,
  samples: ReadonlyArray<ReturnType<typeof sample>>,
  name = "Tiny",
): RunProgress["running"] => ({
  id: "one",
  journal: {
    header: {
      kind: "cell",
      schema: 1,
      id: "one",
      startedAt,
      cell: { ...cell, config: { ...cell.config, name } },
      environment,
      requested,
    },
    environments: [environment],
    effective: undefined,
    openings,
    identities: [],
    answers: undefined,
    samples,
    failure: undefined,
    finishedAt: undefined,
  },
  values: [value("ttft", "Time to first token", "ms", around(41)), value("load_s", "Load time", "s", around(2))],
})

const stepOf = (openings: number, samples: ReadonlyArray<ReturnType<typeof sample>>) => {
  const { cell: shown } = liveRun({ pid: 1, running: running(openings, samples), next: [], done: 0, cells: 1 })
  return [shown!.step, shown!.done, shown!.total]
}

describe("liveRun", () => {
  it("says what a cell does, by its journal", () => {
    const warm = [0, 1, 2].map((trial) => sample("warmup", trial))
    assert.deepStrictEqual(stepOf(0, []), ["loading the model", 0, 13])
    assert.deepStrictEqual(stepOf(1, warm.slice(0, 1)), ["warm-up 2 of 3", 1, 13])
    assert.deepStrictEqual(stepOf(1, [...warm, sample("measured", 0)]), ["trial 2 of 10", 4, 13])
    // An interrupted run warms its engine up again.
    assert.deepStrictEqual(stepOf(2, [...warm, sample("measured", 0)]), ["warm-up 1 of 3", 1, 13])
    const all = Array.from({ length: 10 }, (_, trial) => sample("measured", trial))
    assert.deepStrictEqual(stepOf(1, [...warm, ...all]), ["trial 10 of 10", 13, 13])
  })

  it("has the figures that say most, and names that can be seen", () => {
    const { cell: shown, next } = liveRun({
      pid: 1,
      running: running(1, [], "left\u202Eright\nbelow"),
      next: [{ identity: "2", name: "a\u2066b", backend: "x", placement: "cpu", scenario: "s" }],
      done: 0,
      cells: 2,
    })
    assert.deepStrictEqual(
      shown!.figures.map(({ metric }) => metric),
      ["ttft"],
    )
    assert.strictEqual(shown!.name, "left[U+202E]right below")
    assert.deepStrictEqual(next, ["a[U+2066]b, x on cpu, s"])
  })

  it("has no cell between two", () => {
    assert.notProperty(liveRun({ pid: 1, running: undefined, next: [], done: 1, cells: 2 }), "cell")
  })
})

describe("liveState", () => {
  it("is elements that a page may make: of our own kinds, with links that lead to the page or the workspace", () => {
    const { parts } = liveState(hostileRegistry)
    const all = (markup: Markup): ReadonlyArray<Markup> => [
      markup,
      ...markup.children.flatMap((child) => (child instanceof Markup ? all(child) : [])),
    ]
    const elements = Object.values(parts).flatMap(all)
    assert.isNotEmpty(elements)
    for (const { attributes, tag } of elements) {
      assert.notInclude(["script", "style", "iframe", "img", "object", "embed", "base", "form", "link", "meta"], tag)
      for (const name of Object.keys(attributes)) assert.notMatch(name, /^on|^style$|^src$/)
      if (attributes["href"] !== undefined)
        assert.match(attributes["href"], /^(?:#(?:(?:run|model|verdict)=|[a-z-]+$)|configs\/)/)
    }
  })
})
