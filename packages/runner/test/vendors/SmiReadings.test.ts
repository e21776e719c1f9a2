import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseSmiLine, parseSmiProcess, smiColumns } from "../../src/vendors/SmiReadings.ts"

const MIB = 2 ** 20

/** The form in which `nvidia-smi --help-query-gpu` names its fields; a name may have several spellings. */
const HELP = `
"uuid"
This value is the globally unique immutable alphanumeric identifier of the GPU.
"memory.used"
"memory.free"
"utilization.gpu"
"clocks.current.sm" or "clocks.sm"
"temperature.gpu"
"power.draw"
"power.draw.instant"
"enforced.power.limit"
"clocks_event_reasons.active"
"pcie.link.gen.gpucurrent"
"pcie.link.width.current"
`
const columns = smiColumns(HELP)
const line = (...texts: ReadonlyArray<string>) => parseSmiLine(columns, ["GPU-8f2d", ...texts].join(", "))

describe("smiColumns", () => {
  it("requests what this nvidia-smi knows, by the best of its names", () => {
    const names = (help: string) => smiColumns(help).map(({ name }) => name)
    assert.deepStrictEqual(names(HELP), [
      "memory.used",
      "memory.free",
      "utilization.gpu",
      "clocks.sm",
      "temperature.gpu",
      "power.draw.instant",
      "enforced.power.limit",
      "clocks_event_reasons.active",
      "pcie.link.gen.gpucurrent",
      "pcie.link.width.current",
    ])
    const older = '"power.draw" "clocks_throttle_reasons.active" "pcie.link.gen.current"'
    assert.deepStrictEqual(names(older), ["power.draw", "clocks_throttle_reasons.active", "pcie.link.gen.current"])
    assert.deepStrictEqual(names(""), [])
  })
})

describe("parseSmiLine", () => {
  it("reads each value in the units of the contract", () => {
    const read = line("1000", "31107", "97", "2407", "71", "574.50", "575.00", "0x0000000000000024", "5", "16")
    assert.deepStrictEqual(String(read!.device), "GPU-8f2d")
    assert.deepStrictEqual(read!.reported, {
      usedBytes: { value: 1000 * MIB },
      freeBytes: { value: 31107 * MIB },
      utilization: { value: 0.97 },
      smClockMhz: { value: 2407 },
      temperatureC: { value: 71 },
      powerW: { value: 574.5 },
      powerCapW: { value: 575 },
      limits: { value: ["power-cap", "sw-thermal"] },
      pcieGeneration: { value: 5 },
      pcieLanes: { value: 16 },
    })
  })

  it("keeps in the driver's words why a value is absent", () => {
    for (const word of [
      "[N/A]",
      "[Not Supported]",
      "N/A",
      "[Unknown Error]",
      "[Insufficient Permissions]",
      "[GPU is lost]",
    ]) {
      const { reported } = line(word, word, word, word, word, word, word, word, word, word)!
      assert.deepStrictEqual(
        Object.values(reported),
        Array.from({ length: 10 }, () => ({ absent: `nvidia-smi: ${word}` })),
      )
    }
    assert.deepStrictEqual(line("1", "", "3", "4", "5", "6", "7", "Active", "9", "10")!.reported.freeBytes, {
      absent: "nvidia-smi: nothing",
    })
  })

  it("is nothing for a line that names no device", () => {
    for (const text of ["", "No devices were found", "GPU-8f2d, 1", "[N/A], 1, 2, 3, 4, 5, 6, 7, 0x0, 9, 10"])
      assert.isUndefined(parseSmiLine(columns, text))
  })

  it.prop("takes any text for a value", { text: Schema.String }, ({ text }) => {
    const read = parseSmiLine(columns, `GPU-1,${text},2,3,4,5,6,7,0x1,9,10`)
    if (text.includes(",")) return
    const used = read!.reported.usedBytes!
    assert.isTrue("absent" in used || Number.isFinite(used.value))
  })
})

describe("parseSmiProcess", () => {
  it("reads a process with its memory, or without where it is not reported", () => {
    assert.deepStrictEqual(parseSmiProcess("GPU-8f2d, 4242, 512"), {
      device: line("1", "2", "3", "4", "5", "6", "7", "0x0", "9", "10")!.device,
      process: { pid: 4242, bytes: 512 * MIB },
    })
    assert.deepStrictEqual(parseSmiProcess("GPU-8f2d, 4242, [N/A]")!.process, { pid: 4242 })
    assert.isUndefined(parseSmiProcess("GPU-8f2d, [Insufficient Permissions], 1"))
    assert.isUndefined(parseSmiProcess("No running processes found"))
  })
})
