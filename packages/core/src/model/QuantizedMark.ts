import { Effect, Schema } from "effect"
import { BadModel } from "../runtime/BackendError.ts"
import { UnpackedFrom } from "./Model.ts"

/** Key in the GGUF header of files that Rigbook quantized: `UnpackedFrom` as JSON. */
export const QUANTIZED_KEY = "rigbook.quantized.from"

const Mark = Schema.fromJsonString(UnpackedFrom)

/** The value of that key. Pure. */
export const quantizedMark = Schema.encodeSync(Mark)

/**
 * The value of that key in a header; `undefined` if the header has none. Fails with `BadModel` if the value is
 * invalid: if it were ignored, the file would look like an original.
 */
export const readQuantizedMark = (name: string, value: unknown): Effect.Effect<UnpackedFrom | undefined, BadModel> =>
  value === undefined
    ? Effect.succeed(undefined)
    : Effect.mapError(
        Schema.decodeUnknownEffect(Mark)(value),
        () =>
          new BadModel({
            detail: `${name} has a ${QUANTIZED_KEY} that can't be read.`,
            fix: "Delete the file, so that it is created again.",
          }),
      )
