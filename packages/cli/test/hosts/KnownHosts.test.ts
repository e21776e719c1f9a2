import { assert, it } from "@effect/vitest"
import type { HostFacts } from "@rigbook/core"
import { fakeHost } from "@rigbook/testkit"
import { type KnownHost, recentFacts, withFacts } from "../../src/hosts/KnownHosts.ts"

const facts: HostFacts = { rigbook: "1.0.0", host: fakeHost(), engines: {}, nodes: 1, gpuTypes: [] }
const now = Date.parse("2026-01-01T12:00:00Z")
const host: KnownHost = { schema: 1, launcher: "slurm", address: "localhost", checkedAt: "2026-01-01T11:30:00Z", facts }

it("facts of a host, and of each of its parts, are known for an hour", () => {
  assert.strictEqual(recentFacts(host, undefined, now), facts)
  assert.isUndefined(recentFacts(host, undefined, now + 1_800_000))
  assert.isUndefined(recentFacts(host, "gpu", now), "a part is another machine")
  const four = { ...facts, nodes: 4 }
  const found = withFacts(host, "gpu", { facts: four, checkedAt: "2026-01-01T12:00:00Z" })
  assert.strictEqual(recentFacts(found, "gpu", now + 1_800_000), four)
  assert.isUndefined(recentFacts(found, "gpu", now + 3_600_000))
  assert.isUndefined(recentFacts(found, undefined, now + 1_800_000), "the host itself was not checked again")
  const both = withFacts(found, "cpu", { facts, checkedAt: "2026-01-01T12:00:00Z" })
  assert.hasAllKeys(both.parts, ["gpu", "cpu"])
})
