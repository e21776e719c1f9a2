import { type Backend, backendError, cpu, single, type UnusableDevice } from "@rigbook/core"
import { Effect, type FileSystem } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { checkModel } from "./CheckModel.ts"
import { demand, demandOf } from "./Demand.ts"
import { inspectOnnx } from "./Inspect.ts"
import { Options } from "./Options.ts"
import { check, probe, setup } from "./Runtime.ts"
import { open } from "./Session.ts"

const fail = backendError("onnxruntime")

/** Embedding models through ONNX Runtime in a Python worker, on one NVIDIA GPU or on the CPU. */
export const onnxruntime: Backend<Options, FileSystem.FileSystem | ChildProcessSpawner.ChildProcessSpawner> = {
  id: "onnxruntime",
  description: "Embedding models through ONNX Runtime, in a Python worker",
  tasks: ["embed"],
  config: Options,
  probe,
  inspect: (files) => inspectOnnx(files).pipe(Effect.mapError((reason) => fail(reason))),
  open,
  memory: { demand, demandOf, withContext: (options, maxLength) => ({ ...options, maxLength }) },
  placement: {
    strategies: [single, cpu],
    // Only what was requested: where the config leaves the choice to the model or to the runtime, any answer is right.
    requested: ({ maxLength, normalize, pooling, prompt, threads }) => ({
      ...(normalize ? { normalize } : {}),
      ...(maxLength === undefined ? {} : { maxLength }),
      ...(pooling === undefined ? {} : { pooling }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(threads === undefined ? {} : { threads }),
    }),
  },
  machine: {
    check,
    checkModel,
    unusable: ({ config, host, runtime: { program } }) =>
      Effect.succeed(
        host.devices.flatMap(({ id, kind, vendor }): ReadonlyArray<UnusableDevice> =>
          kind !== "gpu" || vendor === undefined || (vendor === "nvidia" && program === "onnxruntime-gpu")
            ? []
            : [{ device: id, why: `${program} is not built for this GPU.`, fix: unusableFix(vendor, config) }],
        ),
      ),
    setup,
  },
}

const unusableFix = (vendor: string, { python }: Options): string => {
  if (vendor !== "nvidia") return "Place the model on cpu: this backend computes on NVIDIA's GPUs and the processor."
  return python === undefined
    ? "Run `rigbook setup onnxruntime`."
    : "Name a `python` that has onnxruntime-gpu in backends.onnxruntime, or leave it out and run `rigbook setup onnxruntime`."
}
