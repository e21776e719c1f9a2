import { assert, it } from "@effect/vitest"
import { execa } from "execa"
import { copyFileSync } from "node:fs"
import { join } from "node:path"
import { CLI, temporaryFolder } from "./TemporaryWorkspace.ts"

it("a program whose own files are gone, as after an update while it runs, ends with a line", async () => {
  const alone = join(temporaryFolder(), "bin.mjs")
  copyFileSync(CLI, alone)
  const { exitCode, stderr } = await execa(process.execPath, [alone, "runs"], { reject: false })
  assert.strictEqual(exitCode, 1)
  assert.match(stderr, /Cannot find module .*\nRigbook's own files have changed or are gone: run the command again\.$/)
})
