import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { CPU } from "../../src/host/Host.ts"
import { Placement } from "../../src/placement/Placement.ts"

/** What `open` is given beside a model and its options: the processor, and a log in a folder of the scope. */
export const cpuInput = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  return {
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: fakeHost(),
    visible: {},
    logFile: join(yield* Effect.orDie(fs.makeTempDirectoryScoped()), "engine.log"),
    openTimeoutMs: 600_000,
  }
})
