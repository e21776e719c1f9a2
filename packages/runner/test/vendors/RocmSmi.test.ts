import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { parseRocmSmi } from "../../src/vendors/RocmSmi.ts"

/** As a Radeon RX 7900 XT was reported with (github.com/marimo-team/marimo/issues/9237). */
const RX_7900_XT = {
  card0: {
    "GPU use (%)": "0",
    "VRAM Total Memory (B)": "21458059264",
    "VRAM Total Used Memory (B)": "27856896",
    "Card Series": "Radeon RX 7900 XT",
    "Node ID": "1",
    "GFX Version": "gfx1100",
  },
}

/** As a Radeon 780M was reported with, by rocm-smi 6.2.4 (github.com/sebhildebrandt/systeminformation/pull/960). */
const RADEON_780M = {
  card0: {
    "Device Name": "Phoenix3",
    "Unique ID": "N/A",
    "Temperature (Sensor edge) (C)": "31.0",
    "mclk clock speed:": "(400Mhz)",
    "sclk clock speed:": "(800Mhz)",
    "Current Socket Graphics Package Power (W)": "7.222",
    "GPU use (%)": "19",
    "Memory Activity": "N/A",
  },
}

const only = (json: unknown) => parseRocmSmi(JSON.stringify(json))[0]!

describe("parseRocmSmi", () => {
  it("reads memory and utilization", () => {
    const { device, values } = only(RX_7900_XT)
    assert.strictEqual(String(device), "card0")
    assert.deepStrictEqual(values, { usedBytes: 27856896, freeBytes: 21458059264 - 27856896, utilization: 0 })
  })

  it("reads clocks in their brackets, power by whichever name it has, and says what is not reported", () => {
    const { absent, values } = only(RADEON_780M)
    assert.deepStrictEqual(values, { utilization: 0.19, smClockMhz: 800, temperatureC: 31, powerW: 7.222 })
    assert.strictEqual(absent.usedBytes, 'rocm-smi: does not report "VRAM Total Used Memory (B)"')
    assert.strictEqual(absent.freeBytes, absent.usedBytes)
    assert.strictEqual(absent.energyJ, "rocm-smi: does not report it")
    assert.strictEqual(only({ card1: { "Average Graphics Package Power (W)": "35.0" } }).values.powerW, 35)
    assert.strictEqual(only({ card1: { "GPU use (%)": "N/A" } }).absent.utilization, "rocm-smi: N/A")
  })

  it("names a card by its own number where it has one", () => {
    assert.strictEqual(String(only({ card3: { "Unique ID": "0x9e0a7b" } }).device), "GPU-00000000009e0a7b")
  })

  it("finds nothing in what is no such JSON", () => {
    for (const text of [
      "",
      "WARNING: AMD GPU device(s) is/are in a low-power state.",
      "[]",
      "null",
      '{"system":{"a":"b"}}',
    ])
      assert.deepStrictEqual(parseRocmSmi(text), [])
  })

  it.prop("takes any text for a value", { text: Schema.String }, ({ text }) => {
    const { absent, values } = only({ card0: { "GPU use (%)": text } })
    assert.isTrue(values.utilization === undefined ? absent.utilization !== undefined : values.utilization >= 0)
  })
})
