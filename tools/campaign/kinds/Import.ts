import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import { drawHostile, hostile, type HostileValue, placesIn, replacedAt } from "../Hostile.ts"
import { type TextEdit, drawEdit, edited } from "../TextEdit.ts"

const RECORDED = join(import.meta.dirname, "../../../packages/registry/test/imports/recorded")
const FILES = ["llama-bench.json", "vllm-bench-serve.json", "mteb.json", "guidellm.json", "aiperf.json", "lm-eval.json"]

interface Case {
  readonly file: number
  readonly values: ReadonlyArray<{ readonly place: number; readonly drop: boolean; readonly by: HostileValue }>
  readonly texts: ReadonlyArray<TextEdit>
}

/** Results of other tools, with values and text that no tool writes. */
export const imports = kind<Case>({
  name: "import",
  share: 50,
  draw: (draws) => ({
    file: draws.int(0, FILES.length - 1),
    values: draws.list(1, 4, () => ({
      place: draws.int(0, 99_999),
      drop: draws.int(0, 3) === 0,
      by: drawHostile(draws),
    })),
    texts: draws.int(0, 3) === 0 ? [drawEdit(draws)] : [],
  }),
  inject: async ({ file, texts, values }, testbed) => {
    const before: unknown = JSON.parse(readFileSync(join(RECORDED, FILES[file % FILES.length]!), "utf8"))
    const made = values.reduce((value, { by, drop, place }) => {
      const places = placesIn(value)
      return replacedAt(value, places[place % places.length]!, drop ? undefined : hostile(by))
    }, before)
    writeFileSync(join(testbed.root, "made.json"), texts.reduce(edited, JSON.stringify(made ?? null)))
    const { code, late, stderr } = await testbed.command(["import", "made.json"])
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      testbed.violated("exit-code", `exit ${code}: ${stderr.slice(-200)}`)
    rmSync(join(testbed.root, "made.json"))
    await testbed.command(["registry"])
    await testbed.command(["verify"])
    rmSync(join(testbed.root, "benchmarks/results/imported"), { recursive: true, force: true })
    await testbed.command(["registry"])
  },
})
