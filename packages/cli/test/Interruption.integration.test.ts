import { assert, describe, it } from "@effect/vitest"
import { isPortFree, ownMark } from "@rigbook/core/engine"
import { processTree } from "@rigbook/runner"
import { Effect } from "effect"
import { execa } from "execa"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import {
  CLI,
  journalOf,
  recordFolders,
  rigbook,
  sampleModel,
  temporaryFolder,
  until,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

const TRIALS = 6

const config = `${sampleModel("smollm2-135m-instruct")}backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 64 }
protocol: { warmup: 1, trials: ${TRIALS} }
`

/** Starts a run and stops it with `signal` once two trials are measured: what it had started, and its end. */
const cut = async (root: string, signal: NodeJS.Signals) => {
  const running = execa(process.execPath, [CLI, "run"], { cwd: root, reject: false, env: { NO_COLOR: "1" } })
  const folder = () => (existsSync(join(root, "benchmarks/results/raw")) ? recordFolders(root)[0] : undefined)
  await until("two measured trials", () => {
    const begun = folder()
    return begun !== undefined && measuredTrials(begun) >= 2
  })
  const engines = processTree([running.pid!]).filter((pid) => pid !== running.pid)
  const port = Number(/--port\0(\d+)/.exec(engines.map((pid) => commandLine(pid)).join("\0"))?.[1])
  process.kill(running.pid!, signal)
  return { engines, port, result: await running, folder: folder()! }
}

const commandLine = (pid: number): string => readFileSync(`/proc/${pid}/cmdline`, "utf8")

const measuredTrials = (folder: string): number =>
  existsSync(join(folder, "samples.ndjson"))
    ? journalOf(folder).filter(({ sample }) => sample?.phase === "measured").length
    : 0

const lockIn = (root: string): string => join(root, `benchmarks/results/run.lock.${ownMark().host}`)

const allGone = (pids: ReadonlyArray<number>): boolean => pids.every((pid) => !existsSync(`/proc/${pid}`))

describe.each(["SIGKILL", "SIGINT", "SIGTERM"] as const)("a run that ends by %s in the middle", (signal) => {
  it("leaves no process and no port, loses nothing, and resumes", async () => {
    const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
    const { engines, folder, port, result } = await cut(root, signal)
    assert.isNotEmpty(engines)
    await until("every process to be gone", () => allGone(engines))
    assert.isTrue(await Effect.runPromise(isPortFree(port)))
    if (signal !== "SIGKILL") assert.strictEqual(result.exitCode, 130)
    const before = readFileSync(join(folder, "samples.ndjson"), "utf8")
    const kept = measuredTrials(folder)
    assert.isFalse(existsSync(join(folder, "record.json")))

    const again = await rigbook(root, ["run"])
    assert.match(again.stderr, new RegExp(`resuming after ${kept} trials`))
    assert.deepStrictEqual(recordFolders(root), [folder])
    const after = readFileSync(join(folder, "samples.ndjson"), "utf8")
    assert.isTrue(after.startsWith(before.slice(0, before.lastIndexOf("\n") + 1)))
    assert.strictEqual(measuredTrials(folder), TRIALS)
    const record = JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as Record<
      "verdict",
      { reasons: Array<{ code: string }> }
    >
    assert.include(
      record.verdict.reasons.map(({ code }) => code),
      "engine-restarted",
    )
  })
})

it("two runs at once: the second has to wait", async () => {
  const root = writeWorkspace(temporaryFolder(), { "models/configs/smollm2.yaml": config })
  const first = execa(process.execPath, [CLI, "run"], { cwd: root, reject: false })
  await until("the first run's lock", () => existsSync(lockIn(root)))
  const second = await rigbook(root, ["run"])
  assert.strictEqual(second.exitCode, 2)
  assert.include(second.stderr, `Process ${first.pid} is measuring in this workspace`)
  first.kill("SIGINT")
  await first
})
