import { Effect, Predicate } from "effect"
import { basename } from "node:path"
import { ggmlType } from "../../model/GgmlType.ts"
import type { ModelFacts } from "../../model/Model.ts"
import type { BadModel } from "../../runtime/BackendError.ts"
import type { GgufPart } from "./GgufParts.ts"
import { AGAIN, bad } from "./GgufProblem.ts"
import { defined } from "./GgufValue.ts"
import { tensorBytes, unplaced } from "./TensorBytes.ts"

export type GgufWeights = Pick<
  typeof ModelFacts.Type,
  "parameters" | "quantization" | "weightBytes" | "bitsPerWeight" | "tensorBytes" | "types" | "assumed"
>

interface Tensor {
  readonly name: string
  readonly type: string
  readonly parameters: number
  readonly bytes: number
}

interface Reported {
  readonly headersOnly: boolean
  /** As in the header. */
  readonly layers: number | undefined
}

/**
 * What the tensors of a model's files say about its weights, and the bytes up to the end of the last one in each file.
 */
export const weightsOf = Effect.fnUntraced(function* (
  parts: ReadonlyArray<GgufPart>,
  { headersOnly, layers }: Reported,
) {
  const [first] = parts as [GgufPart]
  const name = basename(first.path)
  const found = yield* Effect.forEach(parts, (part) => tensorsOf(part, headersOnly))
  const tensors = found.flatMap((part) => part.tensors)
  const parameters = sum(tensors.map((tensor) => tensor.parameters))
  const weightBytes = sum(tensors.map(({ bytes }) => bytes))
  if (parameters === 0) return yield* bad(`${name} holds no weights.`, "Name the file with the model's weights.")
  const beyond = layers === undefined ? undefined : tensors.find((tensor) => layerOf(tensor) >= layers)
  if (beyond !== undefined)
    return yield* bad(
      `${name} holds ${beyond.name}, though its header says ${layers} layers.`,
      "Download the file again from its publisher, or convert the model again: engines refuse it.",
    )
  const types = [...Map.groupBy(tensors, ({ type }) => type)]
    .map(([type, all]) => ({
      type,
      tensors: all.length,
      parameters: sum(all.map((tensor) => tensor.parameters)),
      bytes: sum(all.map(({ bytes }) => bytes)),
    }))
    .toSorted((a, b) => b.bytes - a.bytes)
  const [strange] = unplaced(tensors.map((tensor) => tensor.name))
  return {
    end: sum(found.map(({ end }) => end)),
    parameters,
    weightBytes,
    types,
    bitsPerWeight: (8 * weightBytes) / parameters,
    ...defined({
      tensorBytes: tensorBytes(tensors.map((tensor) => [tensor.name, tensor.bytes])),
      assumed: strange === undefined ? undefined : [`equal layers: where tensor ${strange} belongs is unknown`],
    }),
    // A file without its own type name is named after the type of most of its bytes.
    quantization: Predicate.isString(first.header.quantization) ? first.header.quantization : types[0]!.type,
  } satisfies GgufWeights & { readonly end: number }
})

const tensorsOf = (
  { bytes: fileBytes, header, path }: GgufPart,
  headersOnly: boolean,
): Effect.Effect<{ readonly tensors: ReadonlyArray<Tensor>; readonly end: number }, BadModel> => {
  const name = basename(path)
  const start = Number(header.tensorDataOffset)
  let last = start
  const tensors: Array<Tensor> = []
  for (const tensor of header.tensorInfos) {
    const type = ggmlType(tensor.dtype)
    if (type === undefined)
      return Effect.fail(
        bad(
          `${name} holds tensor ${tensor.name} of type ${tensor.dtype}, which Rigbook does not know.`,
          "Convert it again.",
        ),
      )
    const parameters = tensor.shape.reduce((product, size) => product * Number(size), 1)
    const bytes = (parameters / type.blockSize) * type.blockBytes
    const end = start + Number(tensor.offset) + bytes
    if (!Number.isSafeInteger(bytes) || !(headersOnly || end <= fileBytes))
      return Effect.fail(
        bad(`${name} is ${fileBytes} bytes long, but its tensor ${tensor.name} ends at byte ${end}.`, AGAIN),
      )
    tensors.push({ name: tensor.name, type: type.name, parameters, bytes })
    last = Math.max(last, end)
  }
  return Effect.succeed({ tensors, end: last })
}

const layerOf = ({ name }: Tensor): number => Number(/^blk\.(\d{1,4})\./.exec(name)?.[1] ?? -1)

const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((total, number) => total + number, 0)
