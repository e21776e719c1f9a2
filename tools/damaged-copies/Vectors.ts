import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { type Completion, CPU, Placement, type PromptSet, type Scenario, type Scored, trialWork } from "@rigbook/core"
import { captureHost, restrictedTo } from "@rigbook/runner"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"

/** The answers of a model to all texts of a dataset, by the real engine, which gets each text once. */
export const vectorsOf = Effect.fn("vectorsOf")(function* (folder: string, scenario: Scenario, set: PromptSet) {
  const fs = yield* FileSystem.FileSystem
  const host = yield* captureHost
  const config = yield* Schema.decodeUnknownEffect(sentenceTransformers.config)({ threads: 1 })
  const files = { path: folder }
  const session = yield* sentenceTransformers.open({
    config,
    runtime: yield* sentenceTransformers.probe(config),
    files,
    model: yield* sentenceTransformers.inspect(files),
    task: "embed",
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host,
    visible: restrictedTo([CPU], host),
    logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
    openTimeoutMs: 600_000,
  })
  const observer = { sent: () => {}, chunk: () => {} }
  const requests = trialWork(scenario, set, "damaged-copies").requests.flatMap(({ request }) =>
    request.task === "embed" ? [request] : [],
  )
  const rows = new Map<string, Uint8Array>()
  let dimensions = 0
  for (const { texts, ...request } of requests) {
    const fresh = [...new Set(texts)].filter((text) => !rows.has(text))
    if (fresh.length === 0) continue
    const { vectors } = yield* session.send({ ...request, texts: fresh }, observer)
    const bytes = Buffer.from(vectors?.base64 ?? "", "base64")
    dimensions = vectors?.dimensions ?? dimensions
    for (const [at, text] of fresh.entries())
      rows.set(text, bytes.subarray(4 * dimensions * at, 4 * dimensions * (at + 1)))
  }
  return requests.map(({ texts }): Completion => {
    const base64 = Buffer.concat(texts.map((text) => rows.get(text)!)).toString("base64")
    return { vectors: { count: texts.length, dimensions, base64 } }
  })
}, Effect.scoped)

/** What the answers come to, as records keep it. Fails where a vector is missing. */
export const scoredOf = (
  scenario: Scenario,
  set: PromptSet,
  answers: ReadonlyArray<Completion>,
): Effect.Effect<Scored, Error> => {
  const scored = trialWork(scenario, set, "damaged-copies").score?.(answers)
  return scored === undefined
    ? Effect.fail(new Error(`${set.name}: there is not one vector for each text`))
    : Effect.succeed(scored)
}
