import { FILE_LIMITS, readText } from "@rigbook/core"
import { cacheFolder } from "@rigbook/core/engine"
import { Effect, FileSystem, Option, Schema } from "effect"
import { dirname, join } from "node:path"
import type { Program } from "./Program.ts"
import { isExecutable } from "./Programs.ts"

/** The build that was last requested of `rigbook setup llamacpp`, or that it compiled for GPUs: the one to run here. */
const Chosen = Schema.Struct({
  path: Schema.NonEmptyString,
  package: Schema.Tuple([Schema.NonEmptyString, Schema.NonEmptyString]),
  computes: Schema.optionalKey(Schema.NonEmptyString),
})

const fileOf = (): string => join(cacheFolder(), "runtimes", "llamacpp.json")

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Chosen))

/** The chosen program; `undefined` where none was chosen, or where it is not there any more. */
export const chosenProgram: Effect.Effect<Program | undefined> = Effect.gen(function* () {
  const text = yield* Effect.orElseSucceed(readText(fileOf(), FILE_LIMITS.cached), () => "")
  const chosen = Option.getOrUndefined(decode(text))
  if (chosen === undefined || !isExecutable(chosen.path)) return undefined
  return { ...chosen, origin: "setup" as const, librariesBeside: true }
})

export const choose = Effect.fnUntraced(function* ({ computes, package: of, path }: Program) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(dirname(fileOf()), { recursive: true })
  yield* fs.writeFileString(
    fileOf(),
    JSON.stringify({ path, package: of, ...(computes === undefined ? {} : { computes }) }),
  )
})
