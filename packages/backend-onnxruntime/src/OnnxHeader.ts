import { open } from "node:fs/promises"
import { type Packing, readPacking, unpacked } from "./PackedWeights.ts"
import { fields, type Range, text } from "./Protobuf.ts"

/** A tensor that the graph brings along: its type by the number that ONNX gives it, and the file that has its values. */
export interface OnnxTensor {
  readonly name: string
  readonly type: number
  readonly elements: number
  /** Where the values are outside of the file: relative to its folder. */
  readonly external?: string
  /** It has scales or zero points of another tensor, which has the weights. */
  readonly scales?: true
}

/** What an ONNX file says without its weights. */
export interface OnnxHeader {
  readonly tensors: ReadonlyArray<OnnxTensor>
  /** Inputs of all nodes, and outputs of all graphs: a tensor that is none of them is not used. */
  readonly used: ReadonlySet<string>
  /** Number of dimensions of the output that is read; `undefined` if the file does not say. */
  readonly outputRank: number | undefined
}

/** The output that has the vectors of texts, in graphs with several; in others it is the first. As python/worker.py chooses. */
const SENTENCE_OUTPUT = "sentence_embedding"

/** Reads the structure of an ONNX file and skips its weights. Rejects with an `Error` if it is none. Field numbers are those of onnx.proto. */
export const readOnnxHeader = async (path: string): Promise<OnnxHeader> => {
  const file = await open(path)
  try {
    const whole: Range = { start: 0, end: (await file.stat()).size }
    const parts: Parts = { tensors: [], used: new Set(), packing: { bits: new Map(), scales: new Set() } }
    const graphs: Array<ReadonlyArray<Output>> = []
    for await (const { number, range } of fields(file, whole))
      if (number === 7 && range !== undefined) graphs.push(await readGraph(file, range, parts))
    const [outputs] = graphs
    if (outputs === undefined || graphs.length > 1) throw new Error("it has no graph")
    const { rank } = outputs.find(({ name }) => name === SENTENCE_OUTPUT) ?? outputs[0] ?? {}
    return {
      tensors: parts.tensors.map((tensor) => unpacked(tensor, parts.packing)),
      used: parts.used,
      outputRank: rank,
    }
  } finally {
    await file.close()
  }
}

type File = Parameters<typeof fields>[0]

/** What the graphs have, as far as they are read. */
interface Parts {
  readonly tensors: Array<OnnxTensor>
  readonly used: Set<string>
  readonly packing: Packing
}

interface Output {
  readonly name: string
  readonly rank: number | undefined
}

/** Reads a graph and those within it, such as the branches of `If`: they use tensors of the graphs around them. */
const readGraph = async (file: File, graph: Range, parts: Parts): Promise<ReadonlyArray<Output>> => {
  const outputs: Array<Output> = []
  for await (const { number, range } of fields(file, graph)) {
    if (range === undefined) continue
    if (number === 1) await readNode(file, range, parts)
    if (number === 5) parts.tensors.push(await readTensor(file, range))
    if (number === 12) outputs.push(await readOutput(file, range))
  }
  for (const { name } of outputs) parts.used.add(name)
  return outputs
}

/** Some exporters put weights into nodes, as constants. */
const readNode = async (file: File, node: Range, parts: Parts): Promise<void> => {
  const inputs: Array<string> = []
  let type = ""
  let bits: number | undefined
  for await (const { number, range } of fields(file, node)) {
    if (range === undefined) continue
    if (number === 1) inputs.push(await text(file, range))
    if (number === 4) type = await text(file, range)
    if (number !== 5) continue
    const attribute = await readAttribute(file, range, parts)
    if (attribute.name === "bits") bits = attribute.integer
  }
  for (const name of inputs) parts.used.add(name)
  readPacking(parts.packing, type, inputs, bits)
}

/** An attribute's name and number. A tensor (5) and graphs (6, and several: 11) in it are taken into `parts`. */
const readAttribute = async (file: File, attribute: Range, parts: Parts) => {
  let name = ""
  let integer: number | undefined
  for await (const { number, range, value } of fields(file, attribute)) {
    if (number === 1 && range !== undefined) name = await text(file, range)
    if (number === 3) integer = value
    if (number === 5 && range !== undefined) {
      const tensor = await readTensor(file, range)
      parts.tensors.push(tensor)
      parts.used.add(tensor.name)
    }
    if ((number === 6 || number === 11) && range !== undefined) await readGraph(file, range, parts)
  }
  return { name, integer }
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

/** ValueInfoProto: its name, and type → tensor_type → shape → dim. */
const readOutput = async (file: File, output: Range): Promise<Output> => {
  let name = ""
  for await (const { number, range } of fields(file, output))
    if (number === 1 && range !== undefined) name = await text(file, range)
  let within: Range | undefined = output
  for (const wanted of [2, 1, 2]) {
    let inner: Range | undefined
    if (within !== undefined)
      for await (const { number, range } of fields(file, within)) if (number === wanted) inner = range
    within = inner
  }
  if (within === undefined) return { name, rank: undefined }
  let rank = 0
  for await (const { number } of fields(file, within)) rank += number === 1 ? 1 : 0
  return { name, rank }
}
