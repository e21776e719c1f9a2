import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import type { Liar } from "../Liar.ts"
import { type Lie, LIES, STRANGER_TOKENS, TARGETS } from "../Lies.ts"
import { HURRIED, servedConfig } from "../Workspaces.ts"

interface Case {
  readonly lies: ReadonlyArray<Lie>
  readonly task: "generate" | "embed"
  readonly command: "plan" | "run"
  readonly byProgram: boolean
}

/** Servers that lie: endless, slow and cut answers, garbage, other versions, redirects, keys sent back. */
export const server = kind<Case>({
  name: "server",
  share: 40,
  draw: (chance) => ({
    lies: chance.list(1, 2, () => ({
      to: chance.pick(TARGETS),
      how: chance.pick(LIES),
      from: chance.pick([1, 1, 2, 3, 5]),
    })),
    task: chance.pick(["generate", "generate", "embed"] as const),
    command: chance.pick(["plan", "run", "run", "run"] as const),
    byProgram: chance.int(0, 29) === 0,
  }),
  inject: async ({ byProgram, command, lies, task }, bench) => {
    const config = join(bench.root, "models/configs/s.yaml")
    writeFileSync(config, servedConfig(bench.liar.url, task, HURRIED))
    bench.liar.lie(lies)
    const { code, late, stderr } = await (byProgram ? bench.program([command, "s"]) : bench.command([command, "s"]))
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      bench.violated("exit-code", `exit ${code}: ${stderr.slice(-200)}`)
    if (bench.liar.strangers() > 0) bench.violated("no-foreign-figure", "a request went to a server that nothing names")
    bench.check()
    for (const folder of bench.newRecords()) {
      const journal = readFileSync(join(folder, "samples.ndjson"), "utf8")
      if (journal.includes(String(STRANGER_TOKENS))) bench.violated("no-foreign-figure", "a sample is a stranger's")
      if (lies.some((lie) => isFirst(lie, lies) && isSwap(lie, bench.liar)))
        checkSwap(join(folder, "record.json"), bench.violated)
    }
    bench.liar.lie([])
    writeFileSync(config, servedConfig(bench.liar.url, task))
    const again = await bench.command(["run", "s", "--fresh"])
    if (again.code !== 0)
      bench.violated("usable", `run at an honest server: exit ${again.code}: ${again.stderr.slice(-300)}`)
    await bench.command(["verify"])
    rmSync(config)
    await bench.removeNewRecords()
  },
})

/** Of two lies about one path, the server uses the first. */
const isFirst = (lie: Lie, lies: ReadonlyArray<Lie>): boolean => lies.find(({ to }) => to === lie.to) === lie

/** Whether the server said of itself, from one request to the next, that it is another one. */
const isSwap = ({ from, how, to }: Lie, liar: Liar): boolean =>
  how === "other-version" && (to === "/version" || to === "/v1/models") && liar.requests(to) >= Math.max(2, from)

const checkSwap = (path: string, violated: (invariant: "no-foreign-figure", detail: string) => void): void => {
  if (!existsSync(path)) return
  const { verdict } = JSON.parse(readFileSync(path, "utf8")) as {
    verdict: { status: string; reasons: ReadonlyArray<{ code: string }> }
  }
  const codes = verdict.reasons.map(({ code }) => code)
  if (verdict.status !== "invalid" && !codes.some((code) => code.startsWith("engine-")))
    violated("no-foreign-figure", `one record of servers that differ is ${verdict.status}: ${codes.join(", ")}`)
}
