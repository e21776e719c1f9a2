/** An answer is one line: what is new of all units, which is far less. */
const LONGEST = 128 * 2 ** 20

/** Lines of what a program prints. Throws at one that is longer than `longest` characters: it may never end. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, longest = LONGEST): AsyncGenerator<string, void> {
  const decoder = new TextDecoder()
  let line = ""
  for await (const chunk of chunks) {
    const [rest, ...more] = decoder.decode(chunk, { stream: true }).split("\n")
    line += rest!
    for (const next of more) {
      yield line
      line = next
    }
    if (line.length > longest) throw new Error(`a line has more than ${longest} characters.`)
  }
  if (line !== "") yield line
}
