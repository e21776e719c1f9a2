import { open } from "node:fs/promises"
import { fields, type Range, text } from "./Protobuf.ts"

/** A tensor that the graph brings along: its type by the number that ONNX gives it, and the file that has its values. */
export interface OnnxTensor {
  readonly name: string
  readonly type: number
  readonly elements: number
  /** Where the values are outside of the file: relative to its folder. */
  readonly external?: string
}

/** What an ONNX file says without its weights. */
export interface OnnxHeader {
  readonly tensors: ReadonlyArray<OnnxTensor>
  /** Inputs of all nodes: a tensor that is none of them is not used. */
  readonly used: ReadonlySet<string>
  /** Number of dimensions of the first output; `undefined` if the file does not say. */
  readonly outputRank: number | undefined
}

/** Reads the structure of an ONNX file and skips its weights. Rejects with an `Error` if it is none. Field numbers are those of onnx.proto. */
export const readOnnxHeader = async (path: string): Promise<OnnxHeader> => {
  const file = await open(path)
  try {
    const whole: Range = { start: 0, end: (await file.stat()).size }
    const tensors: Array<OnnxTensor> = []
    const used = new Set<string>()
    let outputRank: number | undefined
    let graphs = 0
    for await (const { number, range } of fields(file, whole)) {
      if (number !== 7 || range === undefined) continue
      graphs++
      for await (const part of fields(file, range)) {
        if (part.range === undefined) continue
        if (part.number === 1) await readNode(file, part.range, tensors, used)
        if (part.number === 5) tensors.push(await readTensor(file, part.range))
        if (part.number === 12) outputRank ??= await readRank(file, part.range)
      }
    }
    if (graphs !== 1) throw new Error("it has no graph")
    return { tensors, used, outputRank }
  } finally {
    await file.close()
  }
}

type File = Parameters<typeof fields>[0]

/** Some exporters put weights into nodes, as constants. */
const readNode = async (file: File, node: Range, tensors: Array<OnnxTensor>, used: Set<string>): Promise<void> => {
  for await (const { number, range } of fields(file, node)) {
    if (range === undefined) continue
    if (number === 1) used.add(await text(file, range))
    if (number !== 5) continue
    for await (const attribute of fields(file, range))
      if (attribute.number === 5 && attribute.range !== undefined) {
        const tensor = await readTensor(file, attribute.range)
        tensors.push(tensor)
        used.add(tensor.name)
      }
  }
}

const readTensor = async (file: File, tensor: Range): Promise<OnnxTensor> => {
  let [name, type, elements] = ["", 0, 1]
  let external: string | undefined
  for await (const { number, range, value } of fields(file, tensor)) {
    if (number === 1 && value !== undefined) elements *= value
    if (number === 1 && range !== undefined) for await (const each of fields.packed(file, range)) elements *= each
    if (number === 2) type = value ?? 0
    if (number === 8 && range !== undefined) name = await text(file, range)
    if (number === 13 && range !== undefined) {
      const [key, setting] = await readPair(file, range)
      if (key === "location") external = setting
    }
  }
  return { name, type, elements, ...(external === undefined ? {} : { external }) }
}

const readPair = async (file: File, pair: Range): Promise<readonly [key: string, value: string]> => {
  let [key, value] = ["", ""]
  for await (const { number, range } of fields(file, pair)) {
    if (range === undefined) continue
    if (number === 1) key = await text(file, range)
    if (number === 2) value = await text(file, range)
  }
  return [key, value]
}

/** ValueInfoProto → type → tensor_type → shape → dim. */
const readRank = async (file: File, output: Range): Promise<number | undefined> => {
  let within: Range | undefined = output
  for (const wanted of [2, 1, 2]) {
    let found: Range | undefined
    if (within !== undefined)
      for await (const { number, range } of fields(file, within)) if (number === wanted) found = range
    within = found
  }
  if (within === undefined) return undefined
  let rank = 0
  for await (const { number } of fields(file, within)) rank += number === 1 ? 1 : 0
  return rank
}
