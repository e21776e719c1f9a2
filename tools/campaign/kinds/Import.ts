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
  draw: (chance) => ({
    file: chance.int(0, FILES.length - 1),
    values: chance.list(1, 4, () => ({
      place: chance.int(0, 99_999),
      drop: chance.int(0, 3) === 0,
      by: drawHostile(chance),
    })),
    texts: chance.int(0, 3) === 0 ? [drawEdit(chance)] : [],
  }),
  inject: async ({ file, texts, values }, bench) => {
    const before: unknown = JSON.parse(readFileSync(join(RECORDED, FILES[file % FILES.length]!), "utf8"))
    const made = values.reduce((value, { by, drop, place }) => {
      const places = placesIn(value)
      return replacedAt(value, places[place % places.length]!, drop ? undefined : hostile(by))
    }, before)
    writeFileSync(join(bench.root, "made.json"), texts.reduce(edited, JSON.stringify(made ?? null)))
    const { code, late, stderr } = await bench.command(["import", "made.json"])
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      bench.violated("exit-code", `exit ${code}: ${stderr.slice(-200)}`)
    rmSync(join(bench.root, "made.json"))
    await bench.command(["registry"])
    await bench.command(["verify"])
    rmSync(join(bench.root, "benchmarks/results/imported"), { recursive: true, force: true })
    await bench.command(["registry"])
  },
})
