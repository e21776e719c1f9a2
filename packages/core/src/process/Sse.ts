/**
 * A push parser for server-sent events: call it with bytes as they come, and it calls `onData` with the data
 * of each event. Line ends may be LF, CRLF or CR, and bytes may be cut anywhere. Comments and other fields
 * are passed over. Source: WHATWG HTML, "Interpreting an event stream".
 */
export const makeSseParser = (onData: (data: string) => void): ((bytes: Uint8Array) => void) => {
  const decoder = new TextDecoder()
  let rest = ""
  let data: string | undefined
  let afterCr = false
  const line = (text: string): void => {
    if (text === "") {
      if (data !== undefined) onData(data)
      data = undefined
    } else if (text.startsWith("data:") || text === "data") {
      const value = text.startsWith("data: ") ? text.slice(6) : text.slice(5)
      data = data === undefined ? value : `${data}\n${value}`
    }
  }
  return (bytes) => {
    rest += decoder.decode(bytes, { stream: true })
    let start = 0
    for (;;) {
      // The second half of a CRLF, which may come with later bytes: the line itself must not wait for it.
      if (afterCr && start < rest.length) {
        if (rest[start] === "\n") start++
        afterCr = false
      }
      const end = nextLineEnd(rest, start)
      if (end === -1) break
      line(rest.slice(start, end))
      afterCr = rest[end] === "\r"
      start = end + 1
    }
    rest = rest.slice(start)
  }
}

const nextLineEnd = (text: string, from: number): number => {
  const lf = text.indexOf("\n", from)
  const cr = text.indexOf("\r", from)
  return lf === -1 ? cr : cr === -1 ? lf : Math.min(lf, cr)
}
