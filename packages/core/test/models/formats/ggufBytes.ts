import { ggufHeader, type GgufTensor, type GgufValue, paddingAfter } from "../../../src/models/formats/GgufWriter.ts"

/** Bytes of a small GGUF file whose weights are zeros. */
export const ggufBytes = (metadata: Readonly<Record<string, GgufValue>>, tensors: ReadonlyArray<GgufTensor>): Buffer =>
  Buffer.concat([
    ggufHeader(metadata, tensors),
    ...tensors.map(({ bytes }, index) =>
      Buffer.alloc(index === tensors.length - 1 ? bytes : bytes + paddingAfter(bytes)),
    ),
  ])
