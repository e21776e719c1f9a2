import { type Exit, FILE_LIMITS, readBytes } from "@rigbook/core"
import { Effect, Schema } from "effect"

/** A prompt set is missing, or one of its lines is not a prompt. */
export class BadPromptSet extends Schema.TaggedError<BadPromptSet>()("BadPromptSet", {
  path: Schema.String,
  detail: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    return `${this.path}: ${this.detail}`
  }
}

/** The text of a file; fails with `BadPromptSet`, which says `missing` where there is none. */
export const textOf = Effect.fnUntraced(function* (path: string, missing: string) {
  const bytes = yield* Effect.mapError(
    readBytes(path, FILE_LIMITS.prompts),
    (error) => new BadPromptSet({ path, detail: error.missing ? missing : `this file ${error.detail}. ${error.fix}` }),
  )
  const text = utf8(bytes)
  if (text !== undefined) return text
  return yield* new BadPromptSet({
    path: `${path}:${notUtf8(bytes)}`,
    detail: "the bytes of this line are not UTF-8; save the file as UTF-8",
  })
})

const utf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** The first line that is no UTF-8, from 1: no character of UTF-8 has the byte of a line's end in it. */
const notUtf8 = (bytes: Uint8Array): number => {
  let line = 1
  for (let from = 0; ; line++) {
    const end = bytes.indexOf(0x0a, from)
    if (end === -1 || utf8(bytes.subarray(from, end)) === undefined) return line
    from = end + 1
  }
}
