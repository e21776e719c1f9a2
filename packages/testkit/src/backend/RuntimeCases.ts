import { Effect, Result, type Scope } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { type Case, must, notRun, violated } from "../Conformance.ts"
import type { Bench } from "./Bench.ts"
import { failingOpen } from "./FailingOpen.ts"

/** What is checked without loading a model: the program, the model's files, and unsupported options. */
export const runtimeCases = <R>(bench: Bench<R>): ReadonlyArray<Case<R | Scope.Scope>> => {
  const { backend } = bench

  const sameProgram = Effect.gen(function* () {
    const config = yield* bench.config
    const [first, second] = [yield* Effect.result(backend.probe(config)), yield* Effect.result(backend.probe(config))]
    if (Result.isFailure(first))
      return yield* violated(
        `probe does not find the program that the subject's options name: ${first.failure.message}`,
      )
    yield* must(
      isDeepStrictEqual(first, second),
      "probe finds another program the second time: a record could not say what ran.",
    )
  })

  const missingProgram = Effect.gen(function* () {
    const { faults } = yield* bench.subject
    if (faults?.missingProgram === undefined)
      return yield* notRun("give faults.missingProgram: options that name a missing program")
    const config = yield* bench.decode(faults.missingProgram)
    const found = yield* Effect.result(backend.probe(config))
    if (Result.isSuccess(found))
      return yield* violated(
        `probe finds ${found.success.program} though it does not exist: check that it exists before you answer.`,
      )
    const { _tag } = found.failure.reason
    yield* must(
      _tag === "NotInstalled",
      `A missing program fails with ${_tag}, but must fail with NotInstalled: only then is an install offered.`,
    )
  })

  const unsupported = Effect.gen(function* () {
    const { faults } = yield* bench.subject
    if (faults?.unsupported === undefined)
      return yield* notRun("give faults.unsupported: options that the engine does not support here")
    const config = yield* bench.decode(faults.unsupported)
    const issues = yield* backend.check(config)
    if (issues.length > 0) return
    const failed = yield* failingOpen(bench, yield* bench.inputOf((yield* bench.ends).first, faults.unsupported))
    if (failed === undefined)
      return yield* violated(
        "Options that the engine does not support are accepted silently: report them in check, or fail with Unsupported.",
      )
    yield* must(
      failed._tag === "Unsupported",
      `Options that the engine does not support fail with ${failed._tag}: check must report them, or open must fail with Unsupported.`,
    )
  })

  const sameModel = Effect.gen(function* () {
    const { models } = yield* bench.subject
    const named = backend.tasks.flatMap((task) => (models[task] === undefined ? [] : [{ task, files: models[task] }]))
    if (named.length === 0) return yield* notRun("give models: one for each task that the backend declares")
    for (const { files, task } of named) {
      const inspected = yield* Effect.result(backend.inspect(files))
      if (Result.isFailure(inspected))
        return yield* violated(`inspect can't read the model to ${task} with: ${inspected.failure.message}`)
      const { parameters, sha256, weightBytes } = inspected.success
      yield* must(
        /^[0-9a-f]{64}$/.test(sha256),
        `inspect gives "${sha256}" as the model's SHA-256: it must be 64 hexadecimal digits, from the model's files.`,
      )
      yield* must(
        parameters > 0 && weightBytes > 0,
        `inspect finds ${parameters} parameters in ${weightBytes} bytes: read them from the model's files.`,
      )
      yield* must(
        isDeepStrictEqual(inspected, yield* Effect.result(backend.inspect(files))),
        "inspect reads another model the second time, from the same files.",
      )
    }
  })

  const noModel = Effect.gen(function* () {
    const path = join(yield* bench.folder, "no-model.gguf")
    writeFileSync(path, "This is not a model.\n")
    const inspected = yield* Effect.result(backend.inspect({ path }))
    if (Result.isSuccess(inspected)) return yield* violated("inspect finds a model in a file that has none.")
    const { _tag } = inspected.failure.reason
    yield* must(_tag === "BadModel", `A file that is not a model fails with ${_tag}, but must fail with BadModel.`)
  })

  return [
    { name: "finds the same program twice", check: sameProgram },
    { name: "reports a missing program as NotInstalled", check: missingProgram },
    { name: "reports unsupported options", check: unsupported },
    { name: "reads what a model is from its files", check: sameModel },
    { name: "reports a file that is not a model as BadModel", check: noModel },
  ]
}
