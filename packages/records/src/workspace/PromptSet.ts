import {
  parseTrace,
  type Prompt,
  type PromptSet,
  seeded,
  SYNTHETIC,
  syntheticText,
  type TextSource,
  textSha256,
} from "@rigbook/core"
import { Effect, type FileSystem, Result, Schema } from "effect"
import { join } from "node:path"
import { readDataset } from "./Dataset.ts"
import { BadPromptSet, textOf } from "./PromptText.ts"
import type { Workspace } from "./Workspace.ts"

const none = Schema.optionalKey(Schema.Undefined)

const Header = Schema.Struct({
  license: Schema.NonEmptyString,
  description: Schema.optionalKey(Schema.String),
  // Prompts have these: a prompt that also names its license is no header.
  id: none,
  text: none,
  prompt: none,
  messages: none,
})

const id = Schema.NonEmptyString
const text = Schema.NonEmptyString
const messages = Schema.NonEmptyArray(
  Schema.Struct({ role: Schema.Literals(["system", "user", "assistant"]), content: Schema.String }),
)

const Item = Schema.Union([Schema.Struct({ id, text }), Schema.Struct({ id, messages })])

/** A line of a user's own file: other tools call a text `prompt`. */
const OwnItem = Schema.Union([Schema.Struct({ text }), Schema.Struct({ messages }), Schema.Struct({ prompt: text })])

const decodeHeader = Schema.decodeUnknownOption(Schema.fromJsonString(Header))
const decodeItem = Schema.decodeUnknownEffect(Schema.fromJsonString(Item))
const decodeOwn = Schema.decodeUnknownEffect(Schema.fromJsonString(OwnItem))

/**
 * Reads the source of a scenario's prompts. Fails with `BadPromptSet` if the file does not exist, or a line is no
 * prompt, no request of a known trace, or not a line of a dataset.
 */
export const readPrompts = (
  requested: TextSource,
  { datasets, prompts, root }: Pick<Workspace, "datasets" | "prompts" | "root">,
): Effect.Effect<PromptSet, BadPromptSet, FileSystem.FileSystem> =>
  typeof requested === "string"
    ? readPromptSet(requested, join(prompts, `${requested}.jsonl`))
    : "dataset" in requested
      ? typeof requested.dataset === "string"
        ? readDataset({ name: requested.dataset }, join(datasets, `${requested.dataset}.jsonl`), requested.measure)
        : readDataset(
            { name: requested.dataset.file, file: requested.dataset.file },
            join(root, requested.dataset.file),
            requested.measure,
          )
      : "trace" in requested
        ? readTrace(requested.trace, join(root, requested.trace))
        : readPromptFile(requested.file, join(root, requested.file))

/**
 * Reads a set: JSON lines with `text` or `messages` each, the first line may be a header with its licence. Fails with
 * `BadPromptSet`.
 */
export const readPromptSet = Effect.fn("PromptSet.readPromptSet")(function* (name: string, path: string) {
  const text = yield* textOf(path, "this prompt set does not exist")
  const set = yield* readLines(text, path, decodeItem)
  return { name, ...set } satisfies PromptSet
})

/**
 * Reads a user's own file: like a set, but without requiring `id`, with `prompt` for a text, and with other keys
 * allowed.
 */
const readPromptFile = Effect.fnUntraced(function* (file: string, path: string) {
  const text = yield* textOf(path, "this file does not exist")
  const set = yield* readLines(text, path, (line) =>
    Effect.map(decodeOwn(line), (item) => ("prompt" in item ? { text: item.prompt } : item)),
  )
  return { name: file, file, ...set } satisfies PromptSet
})

const readTrace = Effect.fnUntraced(function* (file: string, path: string) {
  const text = yield* textOf(path, "this file does not exist")
  const trace = parseTrace(text)
  if (Result.isFailure(trace)) {
    const { detail, line } = trace.failure
    return yield* new BadPromptSet({ path: `${path}:${line}`, detail })
  }
  const sha256 = textSha256(text)
  return { name: file, file, license: "not stated", sha256, prompts: [], trace: trace.success } satisfies PromptSet
})

/** JSON can contain half of a pair (`\\ud800`), which is not a character: tokenizers treat it differently. */
const isWhole = (prompt: Prompt): boolean =>
  "text" in prompt ? prompt.text.isWellFormed() : prompt.messages.every(({ content }) => content.isWellFormed())

const readLines = Effect.fnUntraced(function* (
  text: string,
  path: string,
  decode: (line: string) => Effect.Effect<Prompt, Schema.SchemaError>,
) {
  const lines = text.split("\n").map((line, index) => ({ line, number: index + 1 }))
  const header = decodeHeader(lines[0]?.line ?? "")
  const items = lines.slice(header._tag === "Some" ? 1 : 0).filter(({ line }) => line.trim() !== "")
  const prompts = yield* Effect.forEach(items, ({ line, number }) =>
    decode(line).pipe(
      Effect.mapError(
        (error) =>
          new BadPromptSet({ path: `${path}:${number}`, detail: `not a prompt: ${error.message.split("\n")[0]}` }),
      ),
      Effect.filterOrFail(
        isWhole,
        () =>
          new BadPromptSet({ path: `${path}:${number}`, detail: "half of a surrogate pair, which is not a character" }),
      ),
    ),
  )
  if (prompts.length === 0) return yield* new BadPromptSet({ path, detail: "the set is empty" })
  return {
    license: header._tag === "Some" ? header.value.license : "not stated",
    sha256: textSha256(text),
    prompts,
  }
})

/** The source of generated prompts: a named set without prompts of its own. */
export const syntheticSet: PromptSet = {
  name: SYNTHETIC,
  license: "CC0-1.0",
  sha256: textSha256(syntheticText(1000, seeded(SYNTHETIC))),
  prompts: [],
}
