import { Device, DeviceId, type Placement } from "@rigbook/core"
import type { Flags } from "./Flags.ts"
import type { Nodes, Options } from "./Options.ts"

type Node = Nodes["others"][number]

/** GPUs of other machines, which can't be read from here: `10.0.0.2/0` is the first one there. */
export const gpusOfNode = ({ address, gpus }: Node): ReadonlyArray<DeviceId> =>
  Array.from({ length: gpus }, (_, index) => DeviceId.make(`${address}/${index}`))

/** The devices that the options add to this host. */
export const remoteDevices = ({ nodes }: Pick<Options, "nodes">): ReadonlyArray<Device> =>
  (nodes?.others ?? []).flatMap(gpusOfNode).map((id) => new Device({ id, kind: "remote", name: `GPU at ${id}` }))

/** The other machines of a placement. */
export const nodesOf = ({ nodes }: Pick<Options, "nodes">, { strategy }: Placement): ReadonlyArray<Node> =>
  strategy === "nodes" && nodes !== undefined ? nodes.others : []

/** The GPUs of a placement that are this machine's. */
export const localGpus = (options: Pick<Options, "nodes">, placement: Placement): ReadonlyArray<DeviceId> => {
  const elsewhere = new Set(nodesOf(options, placement).flatMap(gpusOfNode))
  return placement.devices.filter((id) => !elsewhere.has(id))
}

/** How the processes of several machines find each other, without Ray. None for one machine. */
export const nodeFlags = ({ nodes }: Pick<Options, "nodes">, { strategy }: Placement, rank: number): Flags =>
  strategy === "nodes" && nodes !== undefined
    ? {
        "--nnodes": 1 + nodes.others.length,
        "--node-rank": rank,
        "--master-addr": nodes.address,
        "--master-port": nodes.port,
      }
    : {}
