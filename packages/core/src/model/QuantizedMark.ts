import { Effect, Schema } from "effect"
import { BadModel } from "../runtime/BackendError.ts"
import { UnpackedFrom } from "./Model.ts"

/** Key of a GGUF header, told by files that Rigbook had quantized: `UnpackedFrom` as JSON. */
export const QUANTIZED_KEY = "rigbook.quantized.from"

const Mark = Schema.fromJsonString(UnpackedFrom)

/** The value of that key. Pure. */
export const quantizedMark = Schema.encodeSync(Mark)

/**
 * What a header's value of that key says; `undefined` where the header has none. Fails with `BadModel` where the value is
 * broken: passed over, the file would be taken for one that nobody quantized here.
 */
export const readQuantizedMark = (name: string, value: unknown): Effect.Effect<UnpackedFrom | undefined, BadModel> =>
  value === undefined
    ? Effect.succeed(undefined)
    : Effect.mapError(
        Schema.decodeUnknownEffect(Mark)(value),
        () =>
          new BadModel({
            detail: `${name} has a ${QUANTIZED_KEY} that can't be read.`,
            fix: "Delete the file, so that it is made again.",
          }),
      )
