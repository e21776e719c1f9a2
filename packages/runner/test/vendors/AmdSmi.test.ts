import { assert, describe, it } from "@effect/vitest"
import { DEVICE_FIELDS } from "@rigbook/core"
import { type AmdGpu, parseAmdGpus, parseAmdSmi } from "../../src/vendors/AmdSmi.ts"

const MIB = 2 ** 20
const value = (of: number, unit: string) => ({ value: of, unit })

/** As amd-smi 26.2.1 printed a Radeon AI PRO R9700 at work, of which parts were left out. */
const METRIC = {
  gpu: 0,
  usage: { gfx_activity: value(91, "%"), vcn_activity: [value(0, "%"), "N/A"], gfx_busy_inst: "N/A" },
  power: { socket_power: value(103, "W"), throttle_status: "THROTTLED", power_management: "ENABLED" },
  clock: { gfx_0: { clk: value(2774, "MHz"), max_clk: value(0, "MHz") }, gfx_1: { clk: "N/A" } },
  temperature: { edge: value(54, "C"), hotspot: value(63, "C"), mem: value(70, "C") },
  pcie: { width: 8, speed: value(2.5, "GT/s"), bandwidth: "N/A" },
  energy: { total_energy_consumption: value(0, "J") },
  mem_usage: { total_vram: value(30_576, "MB"), used_vram: value(20_450, "MB"), free_vram: value(10_126, "MB") },
  throttle: { ppt_accumulated: "N/A", ppt_violation_status: "N/A", socket_thermal_violation_status: "N/A" },
}
const PROCESS = [
  {
    gpu: 0,
    process_list: [
      {
        process_info: {
          name: "/usr/bin/python3.12",
          pid: 213_952,
          memory_usage: { gtt_mem: value(8_268_000, "B"), vram_mem: value(21_008_920_000, "B") },
          mem_usage: value(21_589_852_160, "B"),
        },
      },
      { process_info: { name: "llama-server", pid: 28_389, mem_usage: value(2_353_860_608, "B") } },
      { process_info: { name: "untold", pid: 7 } },
    ],
  },
]
const [GPU] = parseAmdGpus('[{"gpu":0,"bdf":"0000:03:00.0","uuid":"c8ff7551"}]', "", "") as [AmdGpu]

const only = (metric: unknown, process: unknown = PROCESS) =>
  parseAmdSmi([GPU], JSON.stringify(metric), JSON.stringify(process))[0]!

describe("parseAmdSmi", () => {
  it("reads what a GPU tells, and its reasons for what it does not", () => {
    const { absent, values } = only({ gpu_data: [METRIC] })
    assert.deepStrictEqual(values, {
      usedBytes: 20_450 * MIB,
      freeBytes: 10_126 * MIB,
      utilization: 0.91,
      smClockMhz: 2774,
      temperatureC: 54,
      powerW: 103,
      pcieGeneration: 1,
      pcieLanes: 8,
      processes: [{ pid: 213_952, bytes: 21_008_920_000 }, { pid: 28_389, bytes: 2_353_860_608 }, { pid: 7 }],
    })
    assert.deepStrictEqual(absent, {
      powerCapW: "amd-smi: does not report limit.ppt0.socket_power_limit",
      energyJ: "amd-smi: its counter reads 0",
      limits: "amd-smi: THROTTLED, without a reason",
    })
  })

  it("reads the list that older versions print, and what holds the clock back where it is reported", () => {
    const throttle = {
      ppt_violation_status: "ACTIVE",
      socket_thermal_violation_status: "ACTIVE",
      hbm_thermal_violation_status: "ACTIVE",
      prochot_violation_status: "NOT ACTIVE",
    }
    const energy = { total_energy_consumption: value(12_345.5, "J") }
    const { values } = only([{ ...METRIC, throttle, energy, temperature: { edge: "N/A", hotspot: value(71, "C") } }])
    assert.deepStrictEqual(values.limits, ["power-cap", "hw-thermal"])
    assert.deepInclude(values, { energyJ: 12_345.5, temperatureC: 71 })
    assert.deepStrictEqual(only([{ ...METRIC, throttle: { ppt_violation_status: "NOT ACTIVE" } }]).values.limits, [])
  })

  it("has each value or the reason for its absence, whatever is printed", () => {
    const odd = { gpu: 0, usage: "N/A", mem_usage: [1], clock: null, pcie: { width: "N/A", speed: value(3, "GT/s") } }
    const printed = ["", "WARNING: low-power state", "[]", "null", "7", '{"gpu_data":7}', JSON.stringify([odd])]
    for (const text of printed)
      for (const { absent, values } of parseAmdSmi([GPU], text, text))
        for (const field of DEVICE_FIELDS)
          assert.isTrue((values[field] === undefined) !== (absent[field] === undefined))
    const { absent, values } = only(
      [odd],
      [{ gpu: 0, process_list: [{ process_info: "No running processes detected" }] }],
    )
    assert.deepStrictEqual(values, { processes: [] })
    assert.deepInclude(absent, {
      utilization: "amd-smi: does not report usage.gfx_activity",
      pcieLanes: "amd-smi: N/A",
      pcieGeneration: "amd-smi: 3 GT/s matches no PCI Express generation",
    })
    assert.strictEqual(only([]).absent.usedBytes, "amd-smi: lists no such GPU")
  })
})

describe("parseAmdGpus", () => {
  it("names GPUs by their own numbers where they have one, with their power caps by either name", () => {
    const limit = [
      { gpu: 0, limit: { ppt0: { socket_power_limit: value(1400, "W") }, ppt1: { socket_power_limit: "N/A" } } },
      { gpu: 1, limit: { socket_power: value(300, "W"), max_power: value(374, "W") } },
      { gpu: 2, limit: "N/A" },
    ]
    const list = [{ gpu: 0, uuid: "a" }, { gpu: 1, uuid: "N/A" }, { gpu: 2 }, { uuid: "without a number" }]
    assert.deepStrictEqual(
      parseAmdGpus(JSON.stringify(list), JSON.stringify({ gpu_data: limit }), "").map(({ device, powerCapW }) => [
        String(device),
        powerCapW,
      ]),
      [
        ["AMD-a", { value: 1400 }],
        ["amd:1", { value: 300 }],
        ["amd:2", { absent: "amd-smi: does not report limit.ppt0.socket_power_limit" }],
      ],
    )
    assert.deepStrictEqual(parseAmdGpus("ERROR: no driver", "", ""), [])
  })
})
