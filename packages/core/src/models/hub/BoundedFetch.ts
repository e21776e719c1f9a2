/**
 * `fetch` whose answers end in an error after `most` bytes, counted after they are unpacked: a hub, or who answers in its
 * place, may send without end. `signal` aborts its requests.
 */
export const boundedFetch =
  (most: number, signal: AbortSignal): typeof fetch =>
  async (input, init) => {
    const response = await fetch(input, { ...init, signal })
    if (response.body === null) return response
    let received = 0
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) => {
        received += bytes.length
        if (received <= most) controller.enqueue(bytes)
        else controller.error(new Error(`an answer has more than ${most.toLocaleString("en")} bytes`))
      },
    })
    const { headers, status, statusText, url } = response
    const bounded = new Response(response.body.pipeThrough(count), { headers, status, statusText })
    return Object.defineProperty(bounded, "url", { value: url }) // the address that redirects led to
  }
