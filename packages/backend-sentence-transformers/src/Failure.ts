import { BadModel, Unsupported } from "@rigbook/core"
import { workerReasons } from "@rigbook/core/engine"
import type { Request } from "./Protocol.ts"

/** After a replica has ended, Python prints more, about its leftovers. */
const OF_REPLICA = /^The replica in process (\d+)/

/** What the worker's failures mean: in an answer, and when it ended by itself. */
export const reasons = {
  ...workerReasons<Request["op"]>({
    lessMemory: "Choose a smaller batch, a shorter maxLength, dtype float16 on a GPU, or a device with more memory.",
    install: "Run rigbook setup sentence-transformers, or correct the option python.",
    load: "load",
    telling: (line) => OF_REPLICA.test(line),
    notLoaded: ({ message }, said) => {
      if (/trust_remote_code/.test(message))
        return new Unsupported({
          detail: "The model comes with Python code, which is not run by default.",
          fix: "Read that code, then set trustRemoteCode: true for this model.",
        })
      if (/not compiled with CUDA|No CUDA GPUs|NVIDIA driver|invalid device ordinal/i.test(message))
        return new Unsupported({
          detail: `torch can't use the GPU (${said}).`,
          fix: "Run rigbook setup on this machine while nvidia-smi works, or name a python whose torch has CUDA, or place the model on cpu.",
        })
      return new BadModel({
        detail: `The model does not load (${said}).`,
        fix: "Compare its folder with its source: config.json, modules.json, the tokenizer and all weights have to be present.",
      })
    },
  }),
  /** The replicas that the worker says have ended. */
  children: (log: ReadonlyArray<string>): ReadonlyArray<number> =>
    log.flatMap((line) => OF_REPLICA.exec(line)?.[1] ?? []).map(Number),
}
