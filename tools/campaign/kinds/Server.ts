import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import type { FaultyServer } from "../FaultyServer.ts"
import { type Lie, LIES, STRANGER_TOKENS, TARGETS } from "../FaultyAnswers.ts"
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
  draw: (draws) => ({
    lies: draws.list(1, 2, () => ({
      to: draws.pick(TARGETS),
      how: draws.pick(LIES),
      from: draws.pick([1, 1, 2, 3, 5]),
    })),
    task: draws.pick(["generate", "generate", "embed"] as const),
    command: draws.pick(["plan", "run", "run", "run"] as const),
    byProgram: draws.int(0, 29) === 0,
  }),
  inject: async ({ byProgram, command, lies, task }, testbed) => {
    const config = join(testbed.root, "models/configs/s.yaml")
    writeFileSync(config, servedConfig(testbed.faulty.url, task, HURRIED))
    testbed.faulty.lie(lies)
    const { code, late, stderr } = await (byProgram ? testbed.program([command, "s"]) : testbed.command([command, "s"]))
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      testbed.violated("exit-code", `exit ${code}: ${stderr.slice(-200)}`)
    if (testbed.faulty.strangers() > 0)
      testbed.violated("no-foreign-figure", "a request went to a server that nothing names")
    testbed.check()
    for (const folder of testbed.newRecords()) {
      const path = join(folder, "samples.ndjson")
      const journal = existsSync(path) ? readFileSync(path, "utf8") : ""
      if (journal.includes(String(STRANGER_TOKENS))) testbed.violated("no-foreign-figure", "a sample is a stranger's")
      if (lies.some((lie) => isFirst(lie, lies) && isSwap(lie, testbed.faulty)))
        checkSwap(join(folder, "record.json"), testbed.violated)
    }
    testbed.faulty.lie([])
    writeFileSync(config, servedConfig(testbed.faulty.url, task))
    const again = await testbed.command(["run", "s", "--fresh"])
    if (again.code !== 0)
      testbed.violated("usable", `run at an honest server: exit ${again.code}: ${again.stderr.slice(-300)}`)
    await testbed.command(["verify"])
    rmSync(config)
    await testbed.removeNewRecords()
  },
})

/** Of two lies about one path, the server uses the first. */
const isFirst = (lie: Lie, lies: ReadonlyArray<Lie>): boolean => lies.find(({ to }) => to === lie.to) === lie

/** Whether the server said of itself, from one request to the next, that it is another one. */
const isSwap = ({ from, how, to }: Lie, faulty: FaultyServer): boolean =>
  how === "other-version" && (to === "/version" || to === "/v1/models") && faulty.requests(to) >= Math.max(2, from)

const checkSwap = (path: string, violated: (invariant: "no-foreign-figure", detail: string) => void): void => {
  if (!existsSync(path)) return
  const { verdict } = JSON.parse(readFileSync(path, "utf8")) as {
    verdict: { status: string; reasons: ReadonlyArray<{ code: string }> }
  }
  const codes = verdict.reasons.map(({ code }) => code)
  if (verdict.status !== "invalid" && !codes.some((code) => code.startsWith("engine-")))
    violated("no-foreign-figure", `one record of servers that differ is ${verdict.status}: ${codes.join(", ")}`)
}
