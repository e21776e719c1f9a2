import { Option, Result, Schema } from "effect"

/** Bits of one element of each type. Source: `Dtype::bitsize` of the safetensors crate. */
const BITS: Readonly<Record<string, number>> = {
  F64: 64,
  F32: 32,
  F16: 16,
  BF16: 16,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
  C64: 64,
  I64: 64,
  I32: 32,
  I16: 16,
  I8: 8,
  U64: 64,
  U32: 32,
  U16: 16,
  U8: 8,
  BOOL: 8,
}

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const Tensor = Schema.Struct({
  dtype: Schema.String,
  shape: Schema.Array(Count),
  data_offsets: Schema.Tuple([Count, Count]),
})
const decodeTensor = Schema.decodeUnknownOption(Tensor)
const decodeHeader = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Schema.Unknown)))

/** One tensor of a safetensors file. */
export interface SafeTensor {
  readonly name: string
  readonly dtype: string
  readonly shape: ReadonlyArray<number>
  readonly elements: number
  readonly bytes: number
  /** Positions and the like: bytes of the model, but not weights. */
  readonly isInteger: boolean
}

/**
 * The tensors in the header of a safetensors file, for `dataBytes` bytes after it; or what is wrong
 * with it. Each must be within those bytes and be as long as its type and shape say, and together they have
 * to fill them, so that a file truncated anywhere is detected.
 */
export const parseSafetensorsHeader = (
  header: string,
  dataBytes: number,
): Result.Result<ReadonlyArray<SafeTensor>, string> => {
  const entries = Option.getOrUndefined(decodeHeader(header))
  if (entries === undefined) return Result.fail("its header is not a JSON object")
  const tensors: Array<SafeTensor> = []
  let filled = 0
  for (const [name, entry] of Object.entries(entries)) {
    if (name === "__metadata__") continue
    const tensor = Option.getOrUndefined(decodeTensor(entry))
    if (tensor === undefined) return Result.fail(`its tensor ${name} has no valid dtype, shape and data_offsets`)
    const { data_offsets: offsets, dtype, shape } = tensor
    const bits = BITS[dtype]
    if (bits === undefined) return Result.fail(`its tensor ${name} is of the unknown type ${dtype}`)
    if (offsets[1] > dataBytes)
      return Result.fail(`its tensor ${name} ends at byte ${offsets[1]} of ${dataBytes}, so it is incomplete`)
    const elements = shape.reduce((product, side) => product * side, 1)
    const bytes = offsets[1] - offsets[0]
    if (bytes !== (elements * bits) / 8)
      return Result.fail(`its tensor ${name} has ${bytes} bytes, but ${elements} elements of ${dtype}`)
    tensors.push({ name, dtype, shape, elements, bytes, isInteger: /^(BOOL|[IU]\d+)$/.test(dtype) })
    filled += bytes
  }
  return filled === dataBytes
    ? Result.succeed(tensors)
    : Result.fail(`its tensors fill ${filled} of ${dataBytes} bytes`)
}
