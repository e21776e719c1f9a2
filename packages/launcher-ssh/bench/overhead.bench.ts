import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, test } from "vitest"
import { rigbookIn } from "../../../tools/launcher-faults/Rigbook.ts"
import { sshSite } from "../../../tools/launcher-faults/SshSite.ts"
import { configOf, writeSweep } from "../../../tools/launcher-faults/Workspace.ts"

const ROUNDS = 7

const root = mkdtempSync(join(tmpdir(), "rigbook-bench-"))
afterAll(() => rmSync(root, { recursive: true, force: true }))

test("one cell over ssh, beside the same cell here", { timeout: 1_800_000 }, async () => {
  writeSweep(root, new Map([["cell", configOf(0, { trials: 1, trialMs: 0 })]]))
  const site = await sshSite()
  try {
    const rigbook = rigbookIn(root, {
      ...site.env,
      XDG_CONFIG_HOME: join(root, "config"),
      RIGBOOK_CACHE: join(root, "cache"),
    })
    await rigbook("host", "add", "far", ...site.add)
    const seconds = async (...on: ReadonlyArray<string>) => {
      const start = performance.now()
      const { exitCode, stderr } = await rigbook("run", "cell", "--fresh", ...on)
      assert.strictEqual(exitCode, 0, stderr)
      return (performance.now() - start) / 1000
    }
    await seconds("--on", site.on) // copies the model
    const [here, there]: [Array<number>, Array<number>] = [[], []]
    for (let round = 0; round < ROUNDS; round++) {
      here.push(await seconds())
      there.push(await seconds("--on", site.on))
    }
    const middle = (all: ReadonlyArray<number>) => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!
    console.log(
      `a cell takes ${middle(here).toFixed(2)} s here, ${middle(there).toFixed(2)} s over ssh: ${(middle(there) - middle(here)).toFixed(2)} s more (medians of ${ROUNDS})`,
    )
  } finally {
    await site.stop()
  }
})
