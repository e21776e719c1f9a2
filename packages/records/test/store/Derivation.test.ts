import { assert, describe, it } from "@effect/vitest"
import { type MetricValue, RunRecord } from "@rigbook/core"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fakeSpec, scenario } from "../../../testkit/src/FakeCell.ts"
import {
  embedSample,
  generateSample,
  loadSample,
  multiTurnSample,
  qualitySample,
  speculationSample,
} from "../../../testkit/src/FakeSamples.ts"
import { METRICS } from "../../src/metrics/Metrics.ts"
import { DERIVATION, staleness } from "../../src/store/Derivation.ts"
import { recordOf } from "../../src/store/RecordStore.ts"
import type { Evidence } from "../../src/verdict/Judge.ts"
import { figuresOf } from "../../src/verification/Expected.ts"
import { fakeRecord } from "../fakes/records.ts"
import { CASES, evidence, WHOLE, withScored } from "../verdict/evidence.ts"

/** What one journal gives, as hashes: of each metric "definition figures result", the last with its summary's intervals. */
interface Golden {
  /** Of the evidence itself: a case that was changed is another one. */
  readonly journal: string
  readonly verdict: string
  readonly devices: string
  readonly values: Readonly<Record<string, string>>
}
type Goldens = Readonly<Record<string, Golden>>

const load = scenario({ kind: "open-loop", prompts: "fake-prompts", rate: 100, requests: 300, outputTokens: 4 })
const turns = scenario({ kind: "multi-turn", prompts: "fake-prompts", turns: 3, outputTokens: 4 })
const embed = scenario({ kind: "batch", prompts: "fake-prompts", documents: 8, batchSize: 8 })
const shapes: Readonly<Record<string, Evidence>> = {
  ...Object.fromEntries(Object.entries(CASES).map(([code, [one]]) => [code, one])),
  "one request": evidence({ samples: [generateSample()] }),
  load: evidence({ cell: fakeSpec({ scenario: load }), samples: [loadSample()] }),
  conversation: evidence({ cell: fakeSpec({ scenario: turns }), samples: [multiTurnSample()] }),
  speculation: evidence({ cell: fakeSpec({ options: { speculation: "ngram" } }), samples: [speculationSample()] }),
  kld: withScored(qualitySample("kld").scored!, undefined, {}, { reference: WHOLE }),
  tasks: withScored(qualitySample("tasks").scored!),
  sts: withScored(qualitySample("sts").scored!),
  embed: evidence({ cell: fakeSpec({ scenario: embed, task: "embed" }), samples: [embedSample()] }),
}

const hash = (value: unknown): string => createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8)

const derived = (
  { cell, effective, environment, failure, requested, samples, telemetry }: Evidence,
  rules: number,
): RunRecord => {
  const at = "2026-01-01T00:00:00.000Z"
  const header = {
    kind: "cell" as const,
    schema: 1 as const,
    id: "golden",
    startedAt: at,
    cell,
    environment,
    requested: { devices: ["cpu"], ...requested },
  }
  const journal = {
    header,
    environments: [environment] as const,
    effective,
    openings: 1,
    identities: [],
    answers: undefined,
    samples,
    failure,
    finishedAt: at,
  }
  return recordOf(journal, "f".repeat(64), METRICS, { sha256: "e".repeat(64), openings: telemetry }, rules)
}

const goldenOf = (one: Evidence, rules: number): Golden => {
  const { estimates = [], observed, values, verdict } = derived(one, rules)
  const ofValue = (value: MetricValue): string =>
    [[value.definition, value.unit, value.better], figuresOf(value), value.result].map(hash).join(" ")
  return {
    journal: hash([one.cell, one.environment, one.requested, one.effective, one.failure, one.samples, one.telemetry]),
    verdict: `${verdict.reasons.map(({ code }) => code).join(" ")} ${hash(verdict)}`.trim(),
    devices: hash([observed, estimates]),
    values: Object.fromEntries(values.map((value) => [value.metric, ofValue(value)])),
  }
}

/** What the journals give now, with the figures that rules of a version show. */
const goldensBy = (rules: number): Goldens =>
  Object.fromEntries(Object.entries(shapes).map(([name, one]) => [name, goldenOf(one, rules)]))

const goldens = goldensBy(DERIVATION)
const fileOf = (derivation: number): string => join(import.meta.dirname, `derivation-${derivation}.json`)
const read = (derivation: number): Goldens =>
  existsSync(fileOf(derivation)) ? (JSON.parse(readFileSync(fileOf(derivation), "utf8")) as Goldens) : {}

/** Pairs of an old golden and the present one of the same journal. */
const shared = (old: Goldens, present = goldens) =>
  Object.entries(present).flatMap(([name, now]) => {
    const was = old[name]
    return was?.journal === now.journal ? [{ name, was, now }] : []
  })

/** Metrics whose definition is what it was, with an aspect that is not. */
const changed = (old: Goldens, aspect: 1 | 2, present = goldens): ReadonlyArray<string> =>
  shared(old, present).flatMap(({ name, now, was }) =>
    Object.entries(now.values).flatMap(([metric, value]) => {
      const [before, after] = [was.values[metric]?.split(" ") ?? [], value.split(" ")]
      return before[0] === after[0] && before[aspect] !== after[aspect] ? [`${metric} of "${name}"`] : []
    }),
  )

describe("DERIVATION", () => {
  it("is counted up when the same journal gives another record", () => {
    const old = read(DERIVATION)
    const others = shared(old).flatMap(({ name, now, was }) => [
      ...(was.verdict === now.verdict ? [] : [`verdict of "${name}"`]),
      ...(was.devices === now.devices ? [] : [`devices of "${name}"`]),
    ])
    assert.deepStrictEqual(
      [...others, ...changed(old, 2)],
      [],
      `the same journals give other records: count DERIVATION up (src/store/Derivation.ts)`,
    )
    // What is new, a metric or a case, is written here once and never over what is there.
    if (JSON.stringify(old) === JSON.stringify(goldens)) return
    assert.isUndefined(process.env["CI"], `${fileOf(DERIVATION)} is not up to date: run this test and commit it`)
    writeFileSync(fileOf(DERIVATION), `${JSON.stringify(goldens, null, 2)}\n`)
  })

  it("leaves figures as they are whose definition is unchanged: verify holds records of older rules against that", () => {
    for (let older = 1; older < DERIVATION; older++)
      assert.deepStrictEqual(
        changed(read(older), 1, goldensBy(older)),
        [],
        `other figures than by derivation ${older}: define them again`,
      )
  })

  it("has every metric in its goldens", () => {
    const known = new Set(Object.values(goldens).flatMap(({ values }) => Object.keys(values)))
    assert.sameMembers(
      [...known],
      METRICS.map(({ id }) => id),
    )
  })
})

describe("staleness", () => {
  const record = fakeRecord(1)
  const with_ = (change: Partial<RunRecord>): RunRecord => new RunRecord(Object.assign({}, record, change))
  const [first, ...rest] = record.values

  it("is none of a record that was just derived, and of one with a metric that nobody here has", () => {
    assert.isUndefined(staleness(record))
    assert.isUndefined(staleness(with_({ values: [...record.values, { ...first!, metric: "stranger" }] })))
  })

  it("tells rules by their number", () => {
    assert.strictEqual(staleness(with_({ derivation: DERIVATION + 1 })), "newer rules")
    assert.isUndefined(staleness(with_({ derivation: DERIVATION })))
  })

  it("sees a metric that is missing or defined otherwise", () => {
    assert.strictEqual(staleness(with_({ values: rest })), "other metrics")
    for (const change of [{ definition: "another" }, { unit: "h" }, { title: "Another" }])
      assert.strictEqual(staleness(with_({ values: [{ ...first!, ...change }, ...rest] })), "other metrics")
  })
})
