import {
  backendError,
  CPU,
  DeviceId,
  Effective,
  type OpenInput,
  type Session,
  TimedOut,
  Unsupported,
} from "@rigbook/core"
import { Effect } from "effect"
import type { Options } from "./Options.ts"
import type { Result } from "./Protocol.ts"
import { pythonFile } from "./PythonFiles.ts"
import { startWorker, type Worker } from "./Worker.ts"
import { workerEnvironment } from "./WorkerEnvironment.ts"

const fail = backendError("sentence-transformers")
const EMBED_ONLY = { detail: "sentence-transformers makes vectors, not text.", fix: "Use a batch scenario." }

/** Starts a worker, loads the model into it, and reads back where it is and how it is set. */
export const open = Effect.fn("Session.open")(function* (input: OpenInput<Options>) {
  const { config, logFile, openTimeoutMs, placement } = input
  const [device, ...others] = placement.devices
  if (input.task !== "embed") return yield* fail(new Unsupported(EMBED_ONLY))
  if (others.length > 0)
    return yield* fail(
      new Unsupported({
        detail: `One worker runs on one device, the placement names ${placement.devices.length}.`,
        fix: "Use the placement single or cpu.",
      }),
    )
  const worker = yield* startWorker({
    command: input.runtime.path,
    args: [pythonFile("worker.py")],
    env: workerEnvironment(device, config),
    logFile,
  })
  const loaded = yield* worker
    .ask({
      op: "load",
      model: input.files.path,
      device: device === CPU ? "cpu" : "cuda:0",
      dtype: config.dtype,
      normalize: config.normalize,
      trust_remote_code: config.trustRemoteCode,
      ...(config.maxLength === undefined ? {} : { max_length: config.maxLength }),
      ...(config.threads === undefined ? {} : { threads: config.threads }),
    })
    .pipe(
      Effect.timeoutOrElse({
        duration: openTimeoutMs,
        orElse: () =>
          fail(
            new TimedOut({
              detail: `The model was not loaded after ${openTimeoutMs} ms.`,
              fix: "Raise protocol.openTimeoutMs, or read the engine's log for what it waits for.",
              afterMs: openTimeoutMs,
            }),
          ),
      }),
    )
  const session: Session = {
    effective: effectiveOf(loaded, device),
    pids: [worker.pid],
    send: sendTo(worker, device),
  }
  return session
})

/** What `load` read back, in the words of the contract. `device` is the only GPU that the worker could see. */
export const effectiveOf = (loaded: Result<"load">, device: DeviceId): Effective =>
  new Effective({
    devices: loaded.parameter_devices.map((name) => deviceId(name, device, loaded.gpu_uuid)),
    settings: {
      dtype: loaded.parameter_dtypes.join("+"),
      normalize: loaded.normalize,
      threads: loaded.threads,
      dimensions: loaded.dimensions,
      torch: loaded.torch,
      ...(loaded.max_length === null ? {} : { maxLength: loaded.max_length }),
      ...(loaded.attention === null ? {} : { attention: loaded.attention }),
    },
    buffers: Object.entries(loaded.bytes_by_device).map(([name, bytes]) => ({
      device: deviceId(name, device, loaded.gpu_uuid),
      kind: "model",
      bytes,
    })),
  })

/** The id of a device that torch names. torch leaves out the `GPU-` that the driver puts before a UUID. */
const deviceId = (name: string, visible: DeviceId, uuid: string | null): DeviceId => {
  if (!name.startsWith("cuda")) return DeviceId.make(name)
  return uuid === null ? visible : DeviceId.make(/^(GPU|MIG)-/.test(uuid) ? uuid : `GPU-${uuid}`)
}

const sendTo =
  (worker: Worker, device: DeviceId): Session["send"] =>
  (request, observer) =>
    Effect.gen(function* () {
      if (request.task !== "embed") return yield* fail(new Unsupported(EMBED_ONLY))
      const { batchSize, returnVectors = false, texts } = request
      // Counted before the clock starts: counting is our wish, not part of the work that is measured.
      const { tokens } = yield* worker.ask({ op: "tokens", texts })
      const { call_ms, count, dimensions, memory, sha256, vectors } = yield* worker.ask(
        { op: "encode", texts, batch_size: batchSize, ...(returnVectors ? { return_vectors: true } : {}) },
        observer.sent,
      )
      return {
        inputTokens: tokens,
        vectors: { count, dimensions, sha256, ...(vectors === undefined ? {} : { base64: vectors }) },
        timings: { callMs: call_ms },
        memory: memory.map((figure) => ({ ...figure, device: deviceId(figure.device, device, null) })),
      }
    })
