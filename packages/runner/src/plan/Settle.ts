import { Effect } from "effect"
import { restrictedTo } from "../vendors/Vendors.ts"
import { type EngineFacts, type Facts, questionKey } from "./Facts.ts"
import { openQuestions } from "./PlaceCells.ts"
import { forBackend } from "./Served.ts"
import { withoutBrokenPlugin } from "./WithoutBrokenPlugin.ts"

/**
 * Runs the engines' own tools for the placements that a plan would choose, then for those that it chooses by their
 * answers, until none is open: at most once for each placement of a scenario.
 */
export const settle = Effect.fn("Settle.settle")(function* <R>(facts: Facts<R>) {
  const missing = [...facts.missing]
  const engines = yield* Effect.forEach(facts.engines, (engine) =>
    withoutBrokenPlugin(facts.file, engine.backend.id, missing, settleEngine(facts, engine)),
  )
  return { ...facts, missing, engines: engines.filter((engine) => engine !== undefined) } satisfies Facts<R>
})

const settleEngine = Effect.fnUntraced(function* <R>(
  facts: Facts<R>,
  engine: EngineFacts<R>,
): Effect.fn.Return<EngineFacts<R>, never, R> {
  const { backend, files, host, model, options: config, runtime } = engine
  let settled = engine
  for (;;) {
    const questions = openQuestions(facts, settled)
    if (questions.length === 0 || backend.askDemand === undefined || "absent" in runtime || "absent" in files)
      return settled
    const answers = new Map(settled.answers)
    for (const question of questions) {
      const visible = restrictedTo(question.placement.devices, host)
      const input = {
        ...question,
        model: forBackend(model),
        config,
        host,
        visible,
        files: files.value,
        runtime: runtime.value,
      }
      answers.set(questionKey(question), { question, answer: yield* backend.askDemand(input) })
    }
    settled = { ...settled, answers }
  }
})
