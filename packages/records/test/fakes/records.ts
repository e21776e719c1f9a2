import type { CellSpec, RunRecord } from "@rigbook/core"
import { fakeSpec } from "../../../testkit/src/FakeCell.ts"
import { fakeEnvironment, trialSample } from "../../../testkit/src/FakeSamples.ts"
import { recordOf } from "../../src/store/RecordStore.ts"

/** A record that was started at a second of 2026 and took an hour. */
export const fakeRecord = (
  second: number,
  change: Partial<Omit<CellSpec, "identity">> = {},
  suffix = "",
): RunRecord => {
  const startedAt = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString()
  const finishedAt = new Date(Date.UTC(2026, 0, 1, 1, 0, second)).toISOString()
  const cell = fakeSpec(change)
  const header = {
    kind: "cell" as const,
    schema: 1 as const,
    id: `${second}-${cell.identity.slice(0, 8)}${suffix}`,
    startedAt,
    cell,
    environment: fakeEnvironment,
    requested: { devices: ["cpu"], settings: {} },
  }
  const journal = {
    header,
    environments: [fakeEnvironment] as const,
    effective: undefined,
    openings: 1,
    identities: [],
    answers: undefined,
    samples: [trialSample()],
    failure: undefined,
    finishedAt,
  }
  return recordOf(journal, "f".repeat(64))
}
