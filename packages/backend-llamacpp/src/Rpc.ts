import { Device, DeviceId, type OptionIssue } from "@rigbook/core"
import { Effect } from "effect"
import { connect, isIPv4 } from "node:net"

const PREFIX = "rpc:"

/** The device of a ggml-rpc server at `endpoint`. Its memory is unknown here. */
export const rpcDevice = (endpoint: string): Device =>
  new Device({ id: rpcId(endpoint), kind: "remote", name: `ggml-rpc server ${endpoint}` })

export const rpcId = (endpoint: string): DeviceId => DeviceId.make(`${PREFIX}${endpoint}`)

/** Where the server of a device listens; `undefined` for other devices. */
export const endpointOf = (device: DeviceId): string | undefined =>
  device.startsWith(PREFIX) ? device.slice(PREFIX.length) : undefined

/** Servers of a config that can't be used, each with its path. Nothing is sent to them. */
export const rpcIssues = Effect.fn("Rpc.rpcIssues")(function* (endpoints: ReadonlyArray<string>) {
  const issues: Array<OptionIssue> = []
  for (const [index, endpoint] of endpoints.entries()) {
    const path = ["rpc", index]
    const wrong = endpointProblem(endpoint)
    if (wrong !== undefined) issues.push({ path, message: wrong })
    else if (endpoints.indexOf(endpoint) < index) issues.push({ path, message: `${endpoint} is listed twice.` })
    else if (!(yield* answers(endpoint)))
      issues.push({
        path,
        message: `Nothing answers at ${endpoint}: start \`ggml-rpc-server -H HOST -p PORT\` there, or remove this address.`,
      })
  }
  return issues
})

/** What is wrong with an address. Pure: names are not resolved, since their addresses may change. */
export const endpointProblem = (endpoint: string): string | undefined => {
  const [, host, port] = /^([^:]+):(\d{1,5})$/.exec(endpoint) ?? []
  if (host === undefined || !isIPv4(host) || Number(port) < 1 || Number(port) > 65_535)
    return `${endpoint} is not an address: write it like 127.0.0.1:50052.`
  return isPrivate(host)
    ? undefined
    : `${endpoint} is a public address, and RPC is neither encrypted nor authenticated: use a loopback or private one.`
}

/** Loopback, or of a private network (RFC 1918). */
const isPrivate = (host: string): boolean => {
  const [a = 0, b = 0] = host.split(".").map(Number)
  return a === 127 || a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)
}

/** Whether a server listens there. A server serves one client at a time, so the connection must not stay open. */
const answers = (endpoint: string): Effect.Effect<boolean> =>
  Effect.callback<boolean>((resume) => {
    const [host, port] = endpoint.split(":")
    const socket = connect({ host: host!, port: Number(port) })
    const end = (connected: boolean) => {
      socket.destroy()
      resume(Effect.succeed(connected))
    }
    socket.once("connect", () => end(true))
    socket.once("error", () => end(false))
    return Effect.sync(() => socket.destroy())
  }).pipe(Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(false) }))
