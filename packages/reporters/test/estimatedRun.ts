import { CPU, Effective, Placement } from "@rigbook/core"
import { languageRun } from "./fixtures.ts"

const MIB = 2 ** 20
const part = { basis: "formula", formula: "given by the test" } as const
/** A run on the processor whose memory was estimated: one part too high, one not reported by the engine. */
export const estimatedRun = languageRun({
  cell: { placement: new Placement({ strategy: "cpu", devices: [CPU] }) },
  requested: {
    devices: ["cpu"],
    settings: {},
    demand: [
      {
        device: CPU,
        parts: [
          { ...part, name: "embedding", bytes: 60 * MIB, basis: "exact", buffer: "model" },
          { ...part, name: "weights", bytes: 40 * MIB, basis: "exact", buffer: "model" },
          { ...part, name: "KV cache", bytes: 33 * MIB, buffer: "KV" },
          { ...part, name: "compute", bytes: 10 * MIB, buffer: "compute" },
          { ...part, name: "runtime overhead", bytes: 57 * MIB, basis: "heuristic" },
        ],
      },
    ],
  },
  effective: new Effective({
    devices: [CPU],
    settings: {},
    buffers: [
      { device: "cpu", kind: "model", bytes: 100 * MIB },
      { device: "cpu", kind: "KV", bytes: 30 * MIB },
    ],
  }),
  observed: { peakRssBytes: { value: 160 * MIB } },
})
