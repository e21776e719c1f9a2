import { assert, it } from "@effect/vitest"
import { makeTestbed } from "../tools/campaign/Testbed.ts"
import { campaign } from "../tools/campaign/Campaign.ts"
import { KINDS } from "../tools/campaign/Kinds.ts"

/** By fixed seeds, some of each: kinds that wait for processes and deadlines have few. */
const SHORT = [
  { seed: 1, kinds: ["config", "file", "damage", "secret", "import"], faults: 40 },
  { seed: 7, kinds: ["cut", "server", "clock"], faults: 3 },
  { seed: 8, kinds: ["signal", "disk", "plugin"], faults: 3 },
]

it("faults by fixed seeds break no invariant: `pnpm campaign` injects more", async () => {
  const testbed = await makeTestbed("built")
  try {
    for (const { faults, kinds, seed } of SHORT) {
      const chosen = KINDS.filter(({ name }) => kinds.includes(name))
      const settings = { seed, kinds: chosen, faults, minutes: Infinity, tries: 0, first: false, onFound: () => {} }
      const { counts, found } = await campaign(testbed, settings)
      assert.deepStrictEqual(found, [])
      for (const { injections, kind } of counts) assert.isAbove(injections, 0, kind)
    }
  } finally {
    await testbed.close()
  }
})
