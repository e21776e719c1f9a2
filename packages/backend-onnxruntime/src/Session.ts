import { backendError, CPU, type DeviceId, Effective, type OpenInput, type Session } from "@rigbook/core"
import { embedWith, startWorker } from "@rigbook/core/engine"
import { Effect } from "effect"
import { pythonEnvironment } from "./Environment.ts"
import { reasons } from "./Failure.ts"
import { findOnnx, type Pooling, readPooling } from "./Folder.ts"
import { headerOf } from "./Inspect.ts"
import type { OnnxHeader } from "./OnnxHeader.ts"
import type { Options } from "./Options.ts"
import { type Loaded, type Request, Results } from "./Protocol.ts"
import { pythonFile } from "./PythonFiles.ts"

const fail = backendError("onnxruntime")

/** Starts a worker, loads the model into it, and reads back which provider computes and its settings. */
export const open = Effect.fn("Session.open")(function* (input: OpenInput<Options>) {
  const { config, model, placement } = input
  const files = yield* findOnnx(input.files.path).pipe(Effect.mapError((reason) => fail(reason)))
  const header = yield* headerOf(files.model).pipe(Effect.mapError((reason) => fail(reason)))
  const pooling = yield* readPooling(files.settings, header.outputRank).pipe(Effect.mapError((reason) => fail(reason)))
  const worker = yield* startWorker<Request, typeof Results>({
    backend: "onnxruntime",
    command: input.runtime.path,
    args: [pythonFile("worker.py")],
    env: pythonEnvironment({
      ...input.visible,
      TOKENIZERS_PARALLELISM: "true",
      ...(config.threads === undefined ? {} : { RAYON_NUM_THREADS: `${config.threads}` }),
    }),
    logFile: input.logFile,
    results: Results,
    reasons,
  })
  const limit = config.maxLength ?? model.contextLength
  const loaded = yield* worker.load(
    {
      op: "load",
      ...files,
      device: placement.devices[0] === CPU ? "cpu" : "cuda",
      pooling: config.pooling ?? pooling.mode,
      normalize: config.normalize || pooling.normalize,
      ...(limit === undefined ? {} : { max_length: limit }),
      ...(config.threads === undefined ? {} : { threads: config.threads }),
      ...(config.prompt === undefined ? {} : { prompt: config.prompt }),
    },
    input.openTimeoutMs,
  )
  const session: Session = {
    effective: effectiveOf(loaded, placement.devices, {
      header,
      pooling: config.pooling === undefined ? pooling : { ...pooling, assumed: false },
    }),
    pids: [worker.pid],
    send: embedWith("onnxruntime", worker, () => CPU),
  }
  return session
})

/** What is known of the files that were loaded. */
interface LoadedFiles {
  readonly header: OnnxHeader
  readonly pooling: Pooling
}

/**
 * What `load` read back, in the contract's terms. Shapes are computed on the processor wherever a model is, so a device
 * counts where it multiplies matrices: there the weights are. `visible` are the devices that the worker could see.
 */
export const effectiveOf = (loaded: Loaded, visible: ReadonlyArray<DeviceId>, files: LoadedFiles): Effective => {
  const { header, pooling } = files
  const providers = Object.entries(loaded.providers)
  const computing = providers.filter(([, { products }]) => products > 0)
  const named = (provider: string): DeviceId => (provider === "CUDAExecutionProvider" ? (visible[0] ?? CPU) : CPU)
  const unused = header.tensors.map(({ name }) => name).filter((name) => !header.used.has(name))
  return new Effective({
    devices: [...new Set((computing.length > 0 ? computing : providers).map(([provider]) => named(provider)))],
    settings: {
      providers: computing.map(([provider]) => provider.replace("ExecutionProvider", "")).join("+"),
      nodesOnCpu: loaded.providers["CPUExecutionProvider"]?.nodes ?? 0,
      normalize: loaded.normalize,
      dimensions: loaded.dimensions,
      output: loaded.output,
      ...(loaded.threads === null ? {} : { threads: loaded.threads }),
      ...(loaded.max_length === null ? {} : { maxLength: loaded.max_length }),
      ...(loaded.pooling === null ? {} : { pooling: loaded.pooling }),
      ...(loaded.prompt === null ? {} : { prompt: loaded.prompt }),
    },
    buffers: [],
    loading: {
      missing: { count: 0, first: [] }, // with one missing, the runtime refuses the graph
      unexpected: { count: unused.length, first: unused.slice(0, 5) },
      ...(loaded.pooling === null ? {} : { pooling: { mode: loaded.pooling, assumed: pooling.assumed } }),
      vocabulary: loaded.vocabulary,
    },
  })
}
