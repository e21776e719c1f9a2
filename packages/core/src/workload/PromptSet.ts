import { Effect, FileSystem, Schema } from "effect"
import { textSha256 } from "../model/FileHash.ts"
import type { Prompt } from "./Request.ts"
import { seeded } from "./Seeded.ts"
import { SYNTHETIC, syntheticText } from "./SyntheticText.ts"

const Header = Schema.Struct({
  license: Schema.NonEmptyString,
  description: Schema.optionalKey(Schema.String),
  /** Prompts have one: a prompt that names its licence too is no header. */
  id: Schema.optionalKey(Schema.Undefined),
})

const Item = Schema.Union([
  Schema.Struct({ id: Schema.NonEmptyString, text: Schema.NonEmptyString }),
  Schema.Struct({
    id: Schema.NonEmptyString,
    messages: Schema.NonEmptyArray(
      Schema.Struct({ role: Schema.Literals(["system", "user", "assistant"]), content: Schema.String }),
    ),
  }),
])

const decodeHeader = Schema.decodeUnknownOption(Schema.fromJsonString(Header))
const decodeItem = Schema.decodeUnknownEffect(Schema.fromJsonString(Item))

/** The same questions for every model: a file of benchmarks/configs/prompts. */
export interface PromptSet {
  readonly name: string
  readonly license: string
  /** Of the file's text: cells with another set are other cells. */
  readonly sha256: string
  readonly prompts: ReadonlyArray<Prompt>
}

/** A prompt set is missing, or one of its lines is not a prompt. */
export class BadPromptSet extends Schema.TaggedError<BadPromptSet>()("BadPromptSet", {
  path: Schema.String,
  detail: Schema.String,
}) {
  override get message(): string {
    return `${this.path}: ${this.detail}`
  }
}

/** Reads a set: JSON lines with `text` or `messages` each, the first line may be a header with its licence. Fails with `BadPromptSet`. */
export const readPromptSet = Effect.fn("PromptSet.readPromptSet")(function* (name: string, path: string) {
  const fs = yield* FileSystem.FileSystem
  const text = yield* fs
    .readFileString(path)
    .pipe(Effect.mapError(() => new BadPromptSet({ path, detail: "there is no such prompt set" })))
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }))
  const header = decodeHeader(lines[0]?.line ?? "")
  const items = lines.slice(header._tag === "Some" ? 1 : 0).filter(({ line }) => line.trim() !== "")
  const prompts = yield* Effect.forEach(items, ({ line, number }) =>
    decodeItem(line).pipe(
      Effect.mapError(
        (error) =>
          new BadPromptSet({ path: `${path}:${number}`, detail: `not a prompt: ${error.message.split("\n")[0]}` }),
      ),
    ),
  )
  if (prompts.length === 0) return yield* new BadPromptSet({ path, detail: "the set is empty" })
  return {
    name,
    license: header._tag === "Some" ? header.value.license : "not stated",
    sha256: textSha256(text),
    prompts,
  } satisfies PromptSet
})

/** What made-up prompts come from: a set by name, without prompts of its own. */
export const syntheticSet: PromptSet = {
  name: SYNTHETIC,
  license: "CC0-1.0",
  sha256: textSha256(syntheticText(1000, seeded(SYNTHETIC))),
  prompts: [],
}
