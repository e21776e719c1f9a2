import { ModelFacts, type ModelFiles, NotInstalled, Unsupported } from "@rigbook/core"
import { unpackOnce } from "@rigbook/core/engine"
import { readGguf } from "@rigbook/core/models"
import { Effect } from "effect"
import { dirname, join } from "node:path"
import { vllmEnvironment } from "./Environment.ts"
import { SETUP } from "./Program.ts"
import { pythonFile } from "./PythonFiles.ts"

/** Tens of gigabytes are read, computed and written: this only ends a process that hangs. */
const TIMEOUT_MS = 3_600_000

export const isGguf = ({ path }: ModelFiles): boolean => /\.gguf$/i.test(path)

/**
 * vLLM reads no GGUF: such a file is unpacked by vLLM's own Python to a folder of bf16 safetensors, once for each file and
 * each transformers, whose tokenizer and configuration it becomes.
 */
export const { prepare, prepared } = unpackOnce({
  backend: "vllm",
  isPacked: isGguf,
  sourceOf: (path) => Effect.map(readGguf(path), sourceOf),
  script: pythonFile("unpack_gguf.py"),
  python: ({ path }) => join(dirname(path), "python"),
  env: vllmEnvironment,
  beside: ({ libraries }) => [libraries["transformers"] ?? ""],
  form: "bf16",
  timeoutMs: TIMEOUT_MS,
  // Without gguf or accelerate, transformers says which of them is missing.
  failed: (name, why) => {
    const detail = `${name} can't be unpacked for vLLM: ${why}.`
    return /(ImportError|ModuleNotFoundError)/.test(why)
      ? new NotInstalled({ detail, fix: SETUP })
      : new Unsupported({ detail, fix: "Name a folder of safetensors in the config's source, or another backend." })
  },
})

const sourceOf = ({ bitsPerWeight, quantization, sha256 }: ModelFacts) =>
  ({ format: "gguf", quantization, bitsPerWeight, sha256 }) as const

/** What a GGUF will be once it is unpacked, as far as its header says; its format says that it is not unpacked yet. */
export const unpackedFacts = (path: string) =>
  Effect.map(readGguf(path, { headersOnly: true }), (header) => {
    const { tensorBytes: _, types: __, ...facts } = header
    return new ModelFacts({
      ...facts,
      quantization: "BF16",
      bitsPerWeight: 16,
      weightBytes: 2 * facts.parameters,
      unpackedFrom: sourceOf(header),
    })
  })
