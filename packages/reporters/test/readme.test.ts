import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const folder = fileURLToPath(new URL("..", import.meta.url))
const blocks = [...readFileSync(`${folder}README.md`, "utf8").matchAll(/^```ts\n(.*?)^```$/gms)].map(
  ([, code]) => code!,
)

describe("README", () => {
  it.for(blocks.map((code, index) => [index + 1, code] as const))("block %i runs", ([, code]) => {
    const options = ["--conditions=@rigbook/source", "--input-type=module-typescript", "--eval", code]
    const output = execFileSync(process.execPath, options, { cwd: folder, encoding: "utf8" })
    assert.notStrictEqual(output, "")
  })
})
