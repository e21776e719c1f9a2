/**
 * Operators of ONNX Runtime that read several weights from a byte: which of their inputs has the weights, and which have
 * scales and zero points. Source: its ContribOperators.md.
 */
const OPERATORS: Readonly<Record<string, { readonly weights: number; readonly scales: ReadonlyArray<number> }>> = {
  MatMulNBits: { weights: 1, scales: [2, 3] },
  GatherBlockQuantized: { weights: 0, scales: [2, 3] },
}
/** Bits of a weight, where the operator's attribute `bits` does not say. */
const DEFAULT_BITS = 4

/** What a graph's nodes say about the bytes of tensors, by name. */
export interface Packing {
  readonly bits: Map<string, number>
  /** Tensors that have scales or zero points of others. */
  readonly scales: Set<string>
}

/** Takes into `packing` what a node says about its inputs. */
export const readPacking = (packing: Packing, type: string, inputs: ReadonlyArray<string>, bits = DEFAULT_BITS) => {
  const operator = OPERATORS[type]
  const weights = operator === undefined ? undefined : inputs[operator.weights]
  if (operator === undefined || weights === undefined) return
  packing.bits.set(weights, bits)
  for (const at of operator.scales) if (inputs[at]) packing.scales.add(inputs[at]) // one that is left out has an empty name
}

const UINT8 = 2
/** ONNX's types of a weight, by its bits. */
const TYPES: Readonly<Record<number, number>> = { 2: 25, 4: 21 }

/** A tensor's type and number of elements, by its weights rather than its bytes. */
export const unpacked = <T extends { readonly name: string; readonly type: number; readonly elements: number }>(
  tensor: T,
  { bits: all, scales }: Packing,
): T & { readonly scales?: true } => {
  if (scales.has(tensor.name)) return { ...tensor, scales: true }
  const bits = all.get(tensor.name)
  const type = bits === undefined || tensor.type !== UINT8 ? undefined : TYPES[bits]
  return bits === undefined || type === undefined ? tensor : { ...tensor, type, elements: tensor.elements * (8 / bits) }
}
