import { shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"

/** Builds the fake library into a folder of the scope, with a C compiler that must be there: its path. */
export const fakeNvml = Effect.fnUntraced(function* (defines: Readonly<Record<string, string>> = {}) {
  const fs = yield* FileSystem.FileSystem
  const path = join(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-nvml-" }), "libnvidia-ml.so.1")
  const source = join(import.meta.dirname, "nvml.c")
  const set = Object.entries(defines).map(([name, value]) => `-D${name}=${value}`)
  yield* shortCommand("cc", ["-shared", "-fPIC", "-O1", ...set, "-o", path, source]).pipe(
    Effect.mapError((error) => new Error(`These tests need a C compiler as cc: ${error.message}\n${error.output}`)),
  )
  return path
})
