import { assert, it } from "@effect/vitest"
import { execa } from "execa"
import { join } from "node:path"
import { rigbook, temporaryFolder } from "./TemporaryWorkspace.ts"

it("doctor prints what the driver's library reports of each GPU, and what it does not", async () => {
  const folder = temporaryFolder()
  const source = join(import.meta.dirname, "../../runner/test/fakes/nvml.c")
  await execa("cc", ["-shared", "-fPIC", "-o", join(folder, "libnvidia-ml.so.1"), source])
  const { stderr, stdout } = await rigbook(folder, ["doctor", "--json"], { LD_LIBRARY_PATH: folder })
  const { telemetry } = JSON.parse(stdout) as {
    readonly telemetry: {
      readonly sources: ReadonlyArray<string>
      readonly devices: ReadonlyArray<{
        device: string
        values: Record<string, unknown>
        absent: Record<string, string>
      }>
    }
  }
  assert.include(telemetry.sources, "NVML", stderr)
  assert.deepInclude(telemetry.devices[0]!.values, { temperatureC: 71, powerW: 574.5 })
  assert.deepStrictEqual(telemetry.devices[1]!.absent, {
    powerW: "NVML: Not Supported",
    energyJ: "NVML: Not Supported",
  })
  const shown = await rigbook(folder, ["doctor"], { COLUMNS: "500", LD_LIBRARY_PATH: folder })
  assert.match(shown.stdout, /GPU-fake-1 .*powerW \(NVML: Not Supported\)/)
  // Nothing can be planned or run outside a workspace.
  assert.match(shown.stdout, /^Next: rigbook (?:init|setup .+)$/m)
})
