import { assert, it } from "@effect/vitest"
import { execa } from "execa"
import { tarCause } from "../src/Remote.ts"

it("of what tar says, the file that is missing is shown, and not that there were errors", async () => {
  const { stderr } = await execa("tar", ["-cf", "/dev/null", "none"], { reject: false, cwd: import.meta.dirname })
  assert.match(tarCause(stderr) ?? "", /none/)
  assert.isUndefined(tarCause("ssh: connect to host box port 22: Connection refused\n"))
})
