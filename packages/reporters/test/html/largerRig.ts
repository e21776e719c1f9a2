import { DeviceId, type Registry, Scenario, type TelemetryOpening } from "@rigbook/core"
import { Schema } from "effect"
import { around, languageRun, value } from "../fixtures.ts"
import { wholeConfigs, wholePlanned } from "../wholeRegistry.ts"
import { rigRecords, rigRegistry } from "./rig.ts"

const scenario = Schema.decodeUnknownSync(Scenario)

const contexts = [512, 2048, 8192, 32_768].map((depth) =>
  languageRun({
    id: `tiny-llama-context-${depth}`,
    cell: { scenario: scenario({ kind: "context", depth }) },
    values: [
      value("ttft", "Time to first token", "ms", around(depth / 12)),
      value("decode_tps_user", "Decode speed", "tokens/s", around(190 / (1 + depth / 20_000)), "higher"),
    ],
  }),
)

const streams = [1, 2, 4, 8, 16, 32].map((count) =>
  languageRun({
    id: `tiny-llama-streams-${count}`,
    cell: { scenario: scenario({ kind: "concurrency", prompts: "short-chat", streams: count }) },
    values: [
      value("ttft", "Time to first token", "ms", around(40 + count ** 1.8)),
      value("output_tps", "Output throughput", "tokens/s", around((1500 * count) / (count + 7)), "higher"),
    ],
  }),
)

const GPU = DeviceId.make("GPU-8f2d")

/** A minute and a half of a GPU that warms up, works and rests in turns. */
const telemetry: TelemetryOpening = {
  opening: 0,
  at: "2025-10-02T10:15:00.000Z",
  periodMs: 1000,
  problems: [],
  devices: new Map(),
  readings: Array.from({ length: 90 }, (_, s) => ({
    kind: "reading" as const,
    atMs: 1000 * s,
    own: { cpuMs: 5 * s, loopMs: 9 * s },
    devices: {
      [GPU]: {
        temperatureC: 38 + 30 * (1 - Math.exp(-s / 25)) + (s % 12 < 9 ? 2 : 0),
        powerW: s < 10 ? 60 : s % 12 < 9 ? 420 : 180,
      },
    },
  })),
  trials: [],
}

/** The rig's registry with ladders of contexts and loads, telemetry of a run, and models that are planned. */
export const largerRegistry = (): Registry => ({
  ...rigRegistry([...rigRecords, ...contexts, ...streams], { configs: wholeConfigs, planned: wholePlanned }),
  telemetry: new Map([[languageRun().id, [telemetry]]]),
})
