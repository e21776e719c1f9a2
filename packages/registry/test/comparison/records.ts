import { CPU } from "@rigbook/core"
import { Placement } from "@rigbook/core"
import { verdictOf } from "@rigbook/core"
import { METRICS } from "@rigbook/records"
import type { Comparable } from "../../src/comparison/Comparable.ts"

/** A record with these trials by metric, and what a test changes about it. */
export const record = (
  id: string,
  values: Readonly<Record<string, ReadonlyArray<number | null>>>,
  { verdict = verdictOf([]), ...cell }: Partial<Comparable["cell"]> & Pick<Partial<Comparable>, "verdict"> = {},
): Comparable => ({
  id,
  startedAt: "2025-10-02T10:15:00.000Z",
  cell: {
    task: "generate",
    backend: "llamacpp",
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    scenario: { kind: "latency", prompts: "short-chat", requests: 2, outputTokens: 32 },
    config: { id: "smollm2" },
    prompts: { sha256: "a" },
    host: { fingerprint: "host-1" },
    ...cell,
  },
  verdict,
  values: Object.entries(values).map(([metric, trials]) => {
    const { better, definition, title, unit } = METRICS.find((known) => known.id === metric)!
    return { metric, title, definition, unit, better, result: { trials } }
  }),
})

/** Ten trials around `centre`, apart by `step` of it. */
export const around = (centre: number, step = 0.005): ReadonlyArray<number> =>
  [-4.5, 3.5, -2.5, 1.5, 0.5, -0.5, -1.5, 2.5, -3.5, 4.5].map((at) => centre * (1 + at * step))
