import { assert, it } from "@effect/vitest"
import { linesOf } from "../src/Lines.ts"

const lines = async (text: string, size: number, longest?: number): Promise<ReadonlyArray<string>> => {
  const bytes = new TextEncoder().encode(text)
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const found: Array<string> = []
  for await (const line of linesOf(chunks(), longest)) found.push(line)
  return found
}

it("lines are put together from any pieces, with characters of several bytes, and the last needs no end", async () => {
  const text = "one\n\nzwölf €\nlast"
  for (const size of [1, 2, 3, 100]) assert.deepStrictEqual(await lines(text, size), text.split("\n"))
  assert.deepStrictEqual(await lines("one\n", 2), ["one"])
})

it("a line that does not end is not kept", async () => {
  assert.deepStrictEqual(await lines("1234\n1234\n", 2, 4), ["1234", "1234"])
  const message = await lines("x".repeat(99), 2, 4).catch((error: Error) => error.message)
  assert.strictEqual(message, "a line has more than 4 characters.")
})
