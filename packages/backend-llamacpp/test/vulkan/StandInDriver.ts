import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/** What a driver reports of GPUs that are not there. */
export interface Reported {
  readonly gpus: ReadonlyArray<{
    readonly uuid: string
    readonly name: string
    /** In MiB. */
    readonly total: number
  }>
  /** Which of the GPUs the engine's devices are, by their numbers: `[1, 0]` where it has the other order. */
  readonly finds: ReadonlyArray<number>
  /** Whether processes are listed, by the devices that they compute on. */
  readonly lists: boolean
}

/** A stand-in for nvidia-smi in this folder, or what it reports from now on. It finds out where llama-server is by its own reading of the processes. */
export const standInDriver = Effect.fnUntraced(function* (folder: string, reported: Reported) {
  const fs = yield* FileSystem.FileSystem
  yield* Effect.orDie(fs.writeFileString(join(folder, "rig.json"), JSON.stringify(reported)))
  const driver = join(import.meta.dirname, "driver.py")
  const script = `#!/bin/sh\nRIG='${folder}' exec "\${RIGBOOK_PYTHON:-python3}" '${driver}' "$@"\n`
  yield* Effect.orDie(fs.writeFileString(join(folder, "nvidia-smi"), script, { mode: 0o755 }))
})
