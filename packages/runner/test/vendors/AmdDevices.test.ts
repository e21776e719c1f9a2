import { assert, describe, it } from "@effect/vitest"
import { parseAmdDevices } from "../../src/vendors/AmdDevices.ts"
import { parseAmdGpus } from "../../src/vendors/AmdSmi.ts"
import { parseRocmDevices } from "../../src/vendors/RocmSmi.ts"

const mib = (of: number) => ({ value: of, unit: "MB" })
const MIB = 2 ** 20

/** In the form of amd-smi 26: the bus counts the card of the later node first. */
const LIST = [
  { gpu: 0, bdf: "0000:03:00.0", uuid: "c8ff7551-0000-1000-80ab-000000000000", node_id: 2 },
  { gpu: 1, bdf: "0000:23:00.0", uuid: "67ff740f-0000-1000-80e6-b5bb3c3ce0db", node_id: 1 },
]
const STATIC = {
  gpu_data: [
    {
      gpu: 0,
      asic: { market_name: "AMD Radeon AI PRO R9700", asic_serial: "0x00C8AB0000000001" },
      driver: { name: "amdgpu", version: "6.16.13" },
    },
    { gpu: 1, asic: { market_name: "AMD Instinct MI210", asic_serial: "N/A" }, driver: "N/A" },
  ],
}
const METRIC = {
  gpu_data: [
    { gpu: 0, mem_usage: { total_vram: mib(30_576), used_vram: mib(576), free_vram: mib(30_000) } },
    { gpu: 1, mem_usage: { total_vram: mib(65_520), used_vram: mib(20), free_vram: mib(65_500) } },
  ],
}
const texts = [LIST, STATIC, METRIC].map((value) => JSON.stringify(value)) as [string, string, string]

describe("parseAmdDevices", () => {
  it("counts as AMD's runtime does, and calls each by its runtime's name", () => {
    const devices = parseAmdDevices(...texts)
    assert.deepStrictEqual(
      devices.map(({ driver, freeBytes, id, index, kind, memoryBytes, name, vendor }) => ({
        id: String(id),
        kind,
        name,
        index,
        memoryBytes,
        freeBytes,
        ...(driver === undefined ? {} : { driver }),
        vendor,
      })),
      [
        {
          id: "AMD-67ff740f-0000-1000-80e6-b5bb3c3ce0db",
          kind: "gpu",
          name: "AMD Instinct MI210",
          index: 0,
          memoryBytes: 65_520 * MIB,
          freeBytes: 65_500 * MIB,
          vendor: "amd",
        },
        {
          id: "GPU-00c8ab0000000001",
          kind: "gpu",
          name: "AMD Radeon AI PRO R9700",
          index: 1,
          memoryBytes: 30_576 * MIB,
          freeBytes: 30_000 * MIB,
          driver: "6.16.13",
          vendor: "amd",
        },
      ],
    )
    // What is read while a model runs goes by the same names.
    assert.sameMembers(
      parseAmdGpus(texts[0], "", texts[1]).map(({ device }) => device),
      devices.map(({ id }) => id),
    )
  })

  it("leaves out a GPU that does not report its memory, and finds nothing in what is no such JSON", () => {
    const unreported = JSON.stringify([{ gpu: 0, mem_usage: { total_vram: "N/A" } }, METRIC.gpu_data[1]])
    assert.deepStrictEqual(
      parseAmdDevices(texts[0], texts[1], unreported).map(({ name }) => name),
      ["AMD Instinct MI210"],
    )
    for (const text of ["", "ERROR: no driver", "null", "[]", "7"])
      assert.deepStrictEqual(parseAmdDevices(text, text, text), [])
  })
})

describe("parseRocmDevices", () => {
  it("reads the same of rocm-smi, in the order of nodes", () => {
    const card = (node: string, series: string, more: object) => ({
      "Node ID": node,
      "Card Series": series,
      "VRAM Total Memory (B)": "21458059264",
      "VRAM Total Used Memory (B)": "27856896",
      ...more,
    })
    const json = JSON.stringify({
      card0: card("2", "Radeon RX 7900 XT", { "Unique ID": "0x9E0A7B" }),
      card1: card("1", "Radeon RX 7900 XTX", { "Unique ID": "N/A" }),
      card2: { "Node ID": "3", "Card Series": "Phoenix3" },
      system: { "Driver version": "6.12.12" },
    }).replaceAll('":"', '": "')
    assert.deepStrictEqual(
      parseRocmDevices(json).map(({ driver, freeBytes, id, index, name }) => [
        String(id),
        index,
        name,
        freeBytes,
        driver,
      ]),
      [
        ["card1", 0, "Radeon RX 7900 XTX", 21458059264 - 27856896, "6.12.12"],
        ["GPU-00000000009e0a7b", 1, "Radeon RX 7900 XT", 21458059264 - 27856896, "6.12.12"],
      ],
    )
    assert.deepStrictEqual(parseRocmDevices("no cards"), [])
  })
})
