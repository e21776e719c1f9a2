import { BadModel, Unsupported } from "@rigbook/core"
import { workerReasons } from "@rigbook/core/engine"
import type { Request } from "./Protocol.ts"

/** What the worker's failures mean: in an answer, and when it ended by itself. */
export const reasons = workerReasons<Request["op"]>({
  lessMemory: "Choose a smaller batch, a shorter maxLength, or a device with more memory.",
  install: "Run rigbook setup onnxruntime, or correct the option python.",
  load: "load",
  notLoaded: ({ message, type }, said) => {
    if (type === "OldRuntimeError")
      return new Unsupported({
        detail: `${message}.`,
        fix: "Install a later onnxruntime in the Python of the option python, or leave the option out and run rigbook setup onnxruntime.",
      })
    return /CUDAExecutionProvider|CUDA (error|failure)|libcud/i.test(message)
      ? new Unsupported({
          detail: `ONNX Runtime can't use the GPU (${said}).`,
          fix: "Run rigbook setup onnxruntime on this machine while nvidia-smi works, or name a python that has onnxruntime-gpu, or place the model on cpu.",
        })
      : new BadModel({
          detail: `The model does not load (${said}).`,
          fix: "Compare its folder with its source: the .onnx file with its external data, tokenizer.json and the other settings have to be present.",
        })
  },
})
