import { assert, describe, it } from "@effect/vitest"
import { absent, measured } from "@rigbook/core"
import type { DeviceValues } from "@rigbook/core"
import type { TrialTelemetry } from "@rigbook/core"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { requestSample, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { telemetryReading } from "../../../testkit/src/FakeTelemetry.ts"
import {
  energyPerOutputToken,
  gpuUtilization,
  power,
  processorUse,
  smClock,
  temperatureEnd,
  temperatureMax,
  temperatureStart,
  vramMean,
  vramPeak,
  vramProcess,
} from "../../src/metrics/Devices.ts"

const [A, B] = [gpuId(0), gpuId(1)]

/** Readings a second apart of the GPUs of a placement, after one of before the engine. */
const telemetry = (
  idle: Readonly<Record<string, DeviceValues>>,
  ...readings: ReadonlyArray<Readonly<Record<string, DeviceValues>>>
): TrialTelemetry => ({
  idle: telemetryReading(0, { devices: idle }),
  readings: readings.map((devices, n) => telemetryReading(10 * n, { devices })),
  placed: [A, B].filter((id) => [idle, ...readings].some((devices) => id in devices)),
  whyAbsent: (device, field) => `${device} does not report ${field}`,
})
const trial = (tokens = 100) =>
  trialSample({ requests: [requestSample({ outputTokens: tokens, requestedTokens: tokens })] })

describe("metrics of devices", () => {
  const both = telemetry(
    { [A]: { usedBytes: 100 }, [B]: { usedBytes: 10 } },
    { [A]: { usedBytes: 200 }, [B]: { usedBytes: 60 } },
    { [A]: { usedBytes: 400 }, [B]: { usedBytes: 40 } },
    { [A]: { usedBytes: 200 }, [B]: { usedBytes: 20 } },
  )

  it("take memory beyond that before the start, all GPUs together, weighted by time", () => {
    assert.deepStrictEqual(vramPeak.measure(trial(), both), measured(300 + 50))
    assert.deepStrictEqual(vramMean.measure(trial(), both), measured(200 + 30))
  })

  it("have no memory to show where it was not known before", () => {
    const late = telemetry({ [A]: {} }, { [A]: { usedBytes: 5 } }, { [A]: { usedBytes: 5 } })
    assert.deepStrictEqual(
      vramPeak.measure(trial(), late),
      absent("memory in use before the engine started is unknown"),
    )
  })

  it("add up what the driver lists for the engine's own processes", () => {
    const processes = [
      { pid: 1, bytes: 5, owner: "ours" },
      { pid: 2, bytes: 7, owner: "ours" },
      { pid: 3, bytes: 90, owner: "foreign" },
    ] as const
    const listed = telemetry({ [A]: {} }, { [A]: { processes } }, { [A]: { processes: processes.slice(0, 1) } })
    assert.deepStrictEqual(vramProcess.measure(trial(), listed), measured(12))
    const strangers = telemetry({ [A]: {} }, { [A]: { processes: [{ pid: 3, bytes: 90, owner: "unknown" }] } })
    assert.match(JSON.stringify(vramProcess.measure(trial(), strangers)), /another PID namespace/)
  })

  it("take means over time, sums of power, and the hottest GPU", () => {
    const two = telemetry(
      {},
      {
        [A]: { utilization: 0.5, smClockMhz: 1000, powerW: 100, temperatureC: 40 },
        [B]: { utilization: 1, smClockMhz: 2000, powerW: 50, temperatureC: 45 },
      },
      {
        [A]: { utilization: 0.7, smClockMhz: 1400, powerW: 300, temperatureC: 80 },
        [B]: { utilization: 1, smClockMhz: 2000, powerW: 50, temperatureC: 50 },
      },
      {
        [A]: { utilization: 0.5, smClockMhz: 1000, powerW: 100, temperatureC: 60 },
        [B]: { utilization: 1, smClockMhz: 2000, powerW: 50, temperatureC: 50 },
      },
    )
    const figures = [gpuUtilization, smClock, power, temperatureStart, temperatureEnd, temperatureMax].map(
      ({ measure }) => measure(trial(), two),
    )
    assert.deepStrictEqual(figures, [80, 1600, 250, 45, 60, 80].map(measured))
  })

  it("take energy from the counter, else from power, and only where the sensor had time", () => {
    const seconds = (count: number, values: (n: number) => DeviceValues) =>
      telemetry({}, ...Array.from({ length: count + 1 }, (_, n) => ({ [A]: values(n) })))
    const counted = seconds(6, (n) => ({ energyJ: 1000 + 50 * n, powerW: 1 }))
    assert.deepStrictEqual(energyPerOutputToken.measure(trial(100), counted), measured(3))
    const sensed = seconds(6, () => ({ powerW: 200 }))
    assert.deepStrictEqual(energyPerOutputToken.measure(trial(100), sensed), measured(12))
    const short = seconds(4, () => ({ powerW: 200 }))
    assert.deepStrictEqual(
      energyPerOutputToken.measure(trial(100), short),
      absent("a trial took less than the 5 s that such sensors need"),
    )
    assert.deepStrictEqual(
      energyPerOutputToken.measure(trial(0), sensed),
      absent("the engine reported no output tokens"),
    )
  })

  it("say why they are absent", () => {
    assert.deepStrictEqual(vramPeak.measure(trial()), absent("no telemetry was taken"))
    assert.deepStrictEqual(power.measure(trial(), telemetry({}, {})), absent("the placement has no GPU"))
    assert.deepStrictEqual(power.measure(trial(), both), absent(`${A} does not report powerW`))
    assert.deepStrictEqual(processorUse.measure(trial()), absent("no telemetry was taken"))
  })

  it("count the cores that the engine keeps busy", () => {
    const used = telemetry({}, {}, {}, {})
    assert.deepStrictEqual(processorUse.measure(trial(), used), measured(0.5))
    const { engine: _, ...silent } = telemetryReading(0)
    assert.deepStrictEqual(
      processorUse.measure(trial(), { ...used, readings: [silent, { ...silent, atMs: 100 }] }),
      absent("no process of the engine could be read from /proc"),
    )
  })
})
