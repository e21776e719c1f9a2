import {
  CPU,
  DeviceId,
  Effective,
  type EngineBuffer,
  type OpenInput,
  type Placement,
  type Session,
} from "@rigbook/core"
import { embedWith, startWorker } from "@rigbook/core/engine"
import { Effect } from "effect"
import type { Options } from "./Options.ts"
import { reasons } from "./Failure.ts"
import { type Replica, type Request, type Result, Results } from "./Protocol.ts"
import { pythonFile } from "./PythonFiles.ts"
import { workerEnvironment } from "./WorkerEnvironment.ts"

/** Starts a worker, loads the model into it, and reads back where it is and its settings. */
export const open = Effect.fn("Session.open")(function* (input: OpenInput<Options>) {
  const { config, logFile, openTimeoutMs, placement } = input
  const worker = yield* startWorker<Request, typeof Results>({
    backend: "sentence-transformers",
    command: input.runtime.path,
    args: [pythonFile("worker.py")],
    env: workerEnvironment(input.visible, config),
    logFile,
    results: Results,
    reasons,
  })
  const loaded = yield* worker.load(
    {
      op: "load",
      model: input.files.path,
      devices: torchDevices(placement),
      dtype: config.dtype,
      normalize: config.normalize,
      trust_remote_code: config.trustRemoteCode,
      ...(config.maxLength === undefined ? {} : { max_length: config.maxLength }),
      ...(config.threads === undefined ? {} : { threads: config.threads }),
      ...(config.prompt === undefined ? {} : { prompt: config.prompt }),
      ...(config.promptName === undefined ? {} : { prompt_name: config.promptName }),
    },
    openTimeoutMs,
  )
  const session: Session = {
    effective: effectiveOf(loaded, placement.devices),
    pids: [worker.pid],
    send: embedWith("sentence-transformers", worker, (name) => deviceId(name, placement.devices, null)),
  }
  return session
})

/** torch's name for the device of each replica: a worker sees only the placement's GPUs, in its order. */
export const torchDevices = ({ degree = 1, devices }: Placement): readonly [string, ...ReadonlyArray<string>] => {
  const [first = "cpu", ...rest] = devices.flatMap((device, index) =>
    device === CPU ? Array.from({ length: degree }, () => "cpu") : `cuda:${index}`,
  )
  return [first, ...rest]
}

/** What `load` read back, in the contract's terms. `visible` are the devices that the worker could see. */
export const effectiveOf = (loaded: Result<"load">, visible: ReadonlyArray<DeviceId>): Effective =>
  new Effective({
    devices: distinct(
      loaded.replicas.flatMap((replica) =>
        replica.parameter_devices.map((name) => deviceId(name, visible, replica.gpu_uuid)),
      ),
    ),
    settings: {
      dtype: distinct(loaded.replicas.flatMap(({ parameter_dtypes: dtypes }) => dtypes)).join("+"),
      normalize: loaded.normalize,
      // Of each replica: all are equal, unless something is wrong.
      threads: Math.max(...loaded.replicas.map(({ threads }) => threads)),
      replicas: loaded.replicas.length,
      dimensions: loaded.dimensions,
      torch: loaded.torch,
      ...(loaded.max_length === null ? {} : { maxLength: loaded.max_length }),
      ...(loaded.attention === null ? {} : { attention: loaded.attention }),
      ...(loaded.prompt === null ? {} : { prompt: loaded.prompt }),
      ...(loaded.prompt_name === null ? {} : { promptName: loaded.prompt_name }),
    },
    buffers: buffersOf(loaded.replicas, visible),
    loading: loadingOf(loaded.loading),
  })

const loadingOf = ({ architecture, pooling, vocabulary, ...keys }: Result<"load">["loading"]) => ({
  ...keys,
  ...(pooling === null ? {} : { pooling }),
  ...(architecture === null ? {} : { architecture }),
  ...(vocabulary === null ? {} : { vocabulary }),
})

/**
 * Weights by device. Replicas on the processor share them in memory, and each GPU has only one: so none is counted
 * twice.
 */
const buffersOf = (replicas: ReadonlyArray<Replica>, visible: ReadonlyArray<DeviceId>): ReadonlyArray<EngineBuffer> => {
  const bytesByDevice = new Map<DeviceId, number>()
  for (const { bytes_by_device: held, gpu_uuid: uuid } of replicas)
    for (const [name, bytes] of Object.entries(held)) bytesByDevice.set(deviceId(name, visible, uuid), bytes)
  return [...bytesByDevice].map(([device, bytes]) => ({ device, kind: "model", bytes }))
}

const distinct = <A>(values: ReadonlyArray<A>): ReadonlyArray<A> => [...new Set(values)]

/** The id of a device that torch names. torch omits the driver's prefix `GPU-` of a UUID. */
const deviceId = (name: string, visible: ReadonlyArray<DeviceId>, uuid: string | null): DeviceId => {
  const index = /^cuda(?::(\d+))?$/.exec(name)
  if (index === null) return DeviceId.make(name)
  return uuid === null
    ? (visible[Number(index[1] ?? 0)] ?? DeviceId.make(name))
    : DeviceId.make(/^(GPU|MIG)-/.test(uuid) ? uuid : `GPU-${uuid}`)
}
