import { sentenceTransformers } from "@rigbook/backend-sentence-transformers"
import { type Completion, CPU, Placement, type PromptSet, type Scenario, type Scored, trialWork } from "@rigbook/core"
import { captureHost, restrictedTo } from "@rigbook/runner"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"

/** The answers of a model to all texts of a dataset, by the real engine. */
export const vectorsOf = Effect.fn("vectorsOf")(function* (folder: string, scenario: Scenario, set: PromptSet) {
  const fs = yield* FileSystem.FileSystem
  const host = yield* captureHost
  const config = yield* Schema.decodeUnknownEffect(sentenceTransformers.config)({})
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
  const { requests } = trialWork(scenario, set, "damaged-copies")
  return yield* Effect.forEach(
    requests.flatMap(({ request }) => (request.task === "embed" ? [request] : [])),
    (request) => session.send(request, observer),
  )
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
