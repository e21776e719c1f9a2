import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { shortCommand } from "../../src/engine/process/ShortCommand.ts"

/** Builds the fake loader into a folder, with a C compiler that must be there: its path. */
export const fakeVulkan = Effect.fnUntraced(function* (folder: string, count = 2) {
  const path = join(folder, "libvulkan.so.1")
  yield* shortCommand("cc", [
    "-shared",
    "-fPIC",
    `-DCOUNT=${count}`,
    "-o",
    path,
    join(import.meta.dirname, "vulkan.c"),
  ]).pipe(
    Effect.mapError((error) => new Error(`These tests need a C compiler as cc: ${error.message}\n${error.output}`)),
  )
  return path
})

/** In a folder of the scope. */
export const fakeVulkanScoped = Effect.fnUntraced(function* (count = 2) {
  const fs = yield* FileSystem.FileSystem
  return yield* fakeVulkan(yield* fs.makeTempDirectoryScoped({ prefix: "rigbook-vulkan-" }), count)
})
