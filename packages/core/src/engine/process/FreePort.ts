import { Effect } from "effect"
import { createServer } from "node:net"

const listen = (port: number): Effect.Effect<number | undefined> =>
  Effect.callback((resume) => {
    const server = createServer()
    server.once("error", () => resume(Effect.succeed(undefined)))
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = server.address()
      server.close(() => resume(Effect.succeed(typeof address === "object" ? address?.port : undefined)))
    })
  })

/** A loopback port that is free at this moment. */
export const freePort: Effect.Effect<number> = listen(0).pipe(
  Effect.flatMap((port) =>
    port === undefined ? Effect.die(new Error("the system provides no loopback port")) : Effect.succeed(port),
  ),
)

/** Whether a loopback port can be listened on at this moment. */
export const isPortFree = (port: number): Effect.Effect<boolean> =>
  Effect.map(listen(port), (bound) => bound !== undefined)
