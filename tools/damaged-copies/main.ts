/*
 * What damage to an embedding model is found, and what so many queries can't tell: MiniLM and multilingual-e5-small, each with
 * vectors of fewer bits, with a wrong pooling, and without its query prompt, on the datasets that are named.
 *   pnpm run check:damage udhr-eng-spa some/pairs.jsonl
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { type PromptSet, type Scenario, unitsOf } from "@rigbook/core"
import { findWorkspace, readPrompts } from "@rigbook/records"
import { Console, Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { BITS, type Estimate, figureOf, type Loss, lossOf, rounded, wordOf } from "./Damage.ts"
import { scoredOf, vectorsOf } from "./Vectors.ts"
import { modelNamed, withMaxPooling } from "./Models.ts"

type Prefixes = Pick<Extract<Scenario, { measure: "retrieval" | "sts" }>, "queryPrefix" | "documentPrefix">

const MODELS: ReadonlyArray<{ readonly config: string; readonly prefixes?: Required<Prefixes> }> = [
  { config: "all-minilm-l6-v2" },
  { config: "multilingual-e5-small", prefixes: { queryPrefix: "query: ", documentPrefix: "passage: " } },
]

const digits = (value: number): string => value.toFixed(3)
const signed = (value: number): string => `${value < 0 ? "−" : "+"}${digits(Math.abs(value))}`

const row = (name: string, loss: Loss): string => {
  const { change, damaged } = loss
  const interval = `${signed(change.estimate)} (${signed(change.low)} to ${signed(change.high)})`
  return `| ${name} | ${digits(damaged)} | ${interval} | ${wordOf(loss)} |`
}
const wholeRow = ({ estimate, high, low }: Estimate): string =>
  `| whole | ${digits(estimate)} (${digits(low)} to ${digits(high)}) | | |`

/** The rows of one model and one dataset. A pair has no documents: one prefix goes before both of its sentences. */
const rowsOf = Effect.fn("rowsOf")(function* (folder: string, prefixes: Prefixes, set: PromptSet) {
  const measure = set.dataset!.measure === "sts" ? "sts" : "retrieval"
  const made = ({ documentPrefix, queryPrefix }: Prefixes): Scenario => ({
    kind: "quality",
    measure,
    dataset: set.name,
    batchSize: 1,
    ...(queryPrefix === undefined ? {} : { queryPrefix }),
    ...(documentPrefix === undefined || measure === "sts" ? {} : { documentPrefix }),
  })
  const scenario = made(prefixes)
  const answers = yield* vectorsOf(folder, scenario, set)
  const whole = yield* scoredOf(scenario, set, answers)
  const against = (other: typeof answers) =>
    Effect.map(scoredOf(scenario, set, other), (scored) => lossOf(whole, scored))
  const rows = [wholeRow(figureOf(whole))]
  for (const bits of BITS)
    rows.push(row(`vectors of ${bits} bits`, yield* against(answers.map((answer) => rounded(answer, bits)))))
  rows.push(row("max pooling for mean", yield* against(yield* vectorsOf(yield* withMaxPooling(folder), scenario, set))))
  const { queryPrefix: _, ...without } = prefixes
  if (prefixes.queryPrefix !== undefined)
    rows.push(row("no query prompt", yield* against(yield* vectorsOf(folder, made(without), set))))
  return rows
})

const program = Effect.gen(function* () {
  const workspace = yield* findWorkspace(".")
  for (const named of process.argv.slice(2)) {
    const path = existsSync(named) ? named : join(workspace.datasets, `${named}.jsonl`)
    const measure = readFileSync(path, "utf8").includes('"sentence1"') ? "sts" : "retrieval"
    const dataset = existsSync(named) ? { file: basename(named) } : named
    const set = yield* readPrompts({ dataset, measure }, { ...workspace, root: dirname(resolve(named)) })
    for (const { config, prefixes = {} } of MODELS) {
      const folder = yield* modelNamed(workspace, config)
      const rows = yield* rowsOf(folder, prefixes, set)
      const units = unitsOf(set.dataset!)
      const figure = measure === "sts" ? "Spearman's ρ" : "nDCG@10"
      yield* Console.log(`\n${config}, ${basename(named)}, ${units} ${measure === "sts" ? "pairs" : "queries"}\n`)
      yield* Console.log(`| copy | ${figure} | change (95 %) | found |\n| :-- | --: | --: | :-- |`)
      yield* Console.log(rows.join("\n"))
    }
  }
})

program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), NodeRuntime.runMain)
