import { Device, DeviceId, type Placement, type UnitNodes } from "@rigbook/core"
import type { Flags } from "./Flags.ts"
import type { Options } from "./Options.ts"

type WithNodes = Pick<Options, "nodes">

/** GPUs of another machine, which can't be read from here: `10.0.0.2/0` is the first one there, `node2/0` that of a unit's second. */
const gpusAt = (machine: string, gpus: number): ReadonlyArray<DeviceId> =>
  Array.from({ length: gpus }, (_, index) => DeviceId.make(`${machine}/${index}`))

/** GPUs of each of the other machines that the options name or count. */
export const gpusOfOthers = ({ nodes }: WithNodes): ReadonlyArray<ReadonlyArray<DeviceId>> => {
  if (nodes === undefined) return []
  if ("others" in nodes) return nodes.others.map(({ address, gpus }) => gpusAt(address, gpus))
  return Array.from({ length: nodes.count - 1 }, (_, at) => gpusAt(`node${at + 2}`, nodes.gpus ?? 0))
}

/** The devices that the options add to this host. */
export const remoteDevices = (options: WithNodes): ReadonlyArray<Device> =>
  gpusOfOthers(options)
    .flat()
    .map((id) => new Device({ id, kind: "remote", name: `GPU at ${id}` }))

/** How many machines a placement is on. */
export const machinesOf = ({ nodes }: WithNodes, { strategy }: Placement): number =>
  strategy !== "nodes" || nodes === undefined ? 1 : "others" in nodes ? 1 + nodes.others.length : nodes.count

/** Where the processes of several machines find each other. */
export interface Meeting {
  /** This machine's address, as the others reach it, and a free port. */
  readonly address: string
  readonly port: number
  /** Addresses of the others, in their order. */
  readonly others: ReadonlyArray<string>
}

/** Where they meet by the options, or by the unit's machines at a port that is free; `undefined` for a placement on one machine. */
export const meetingOf = (
  { nodes }: WithNodes,
  { strategy }: Placement,
  unit?: { readonly nodes: UnitNodes; readonly port: number },
): Meeting | undefined => {
  if (strategy !== "nodes" || nodes === undefined) return undefined
  if ("others" in nodes) return { ...nodes, others: nodes.others.map(({ address }) => address) }
  return unit === undefined
    ? undefined
    : {
        address: unit.nodes.address,
        port: unit.port,
        others: unit.nodes.others.slice(0, nodes.count - 1).map(({ address }) => address),
      }
}

/** How the processes of several machines find each other, without Ray. None for one machine. */
export const nodeFlags = (meeting: Meeting | undefined, rank: number): Flags =>
  meeting === undefined
    ? {}
    : {
        "--nnodes": 1 + meeting.others.length,
        "--node-rank": rank,
        "--master-addr": meeting.address,
        "--master-port": meeting.port,
      }
