import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { execa } from "execa"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"

const AGENT = join(import.meta.dirname, "../src/agent/main.ts")

/** A worker whose unit says how it behaves: it starts an engine that stays, or ends at once. */
const WORKER = `import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
if (!JSON.parse(readFileSync(0, "utf8")).stays) process.exit(0)
spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "engine"], { stdio: "ignore", detached: true })
setInterval(() => {}, 1000)
`

const agentHere = () => {
  const home = mkdtempSync(join(tmpdir(), "rigbook-agent-"))
  const worker = join(home, "worker.mjs")
  writeFileSync(worker, WORKER)
  const ask = async (
    command: string,
    input: unknown,
  ): Promise<Record<string, { readonly state: string; readonly outcome?: string; readonly lines?: object }>> => {
    const line = `${JSON.stringify({ id: 1, command, input })}\n`
    const { stdout } = await execa(process.execPath, [AGENT, home], { input: line })
    const { answer } = JSON.parse(stdout) as { readonly answer: Awaited<ReturnType<typeof ask>> }
    return answer
  }
  /** Processes of a unit whose command line has this word. */
  const processes = (unit: string, word: string): ReadonlyArray<number> =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((pid) => {
        try {
          const [env, command] = ["environ", "cmdline"].map((file) =>
            readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0"),
          )
          return env!.includes(`RIGBOOK_UNIT=${unit}`) && command!.includes(word)
        } catch {
          return false
        }
      })
  const until = async (holds: () => boolean | Promise<boolean>) => {
    while (!(await holds())) await sleep(20)
  }
  const queuePid = () => Number(readFileSync(join(home, "queue.pid"), "utf8").split(" ")[0])
  // Names are those of this home alone: other tests run agents, too.
  const unit = (name: string, stays: boolean) => ({
    unit: { name: `${name}-${home.slice(-6)}`, stays },
    entry: worker,
    root: home,
  })
  onTestFinished(async () => {
    if (existsSync(join(home, "units")))
      for (const name of readdirSync(join(home, "units"))) await ask("cancel", { name })
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  })
  return { ask, processes, until, queuePid, unit }
}

describe.skipIf(process.platform !== "linux")(
  "the agent on the other machine, whose queue and worker are killed",
  () => {
    it("loses the unit, and ends its engine before the next unit begins", async () => {
      const { ask, processes, queuePid, until, unit } = agentHere()
      const [first, second] = [unit("first", true), unit("second", false)]
      await ask("submit", first)
      await until(() => processes(first.unit.name, "engine").length === 1)
      for (const pid of [queuePid(), ...processes(first.unit.name, "worker")]) process.kill(pid, "SIGKILL")
      await ask("submit", second)
      const names = [first, second].map((one) => ({ name: one.unit.name, after: 0 }))
      await until(async () => (await ask("observe", names))[second.unit.name]!.state === "ended")
      assert.deepStrictEqual(processes(first.unit.name, "engine"), [])
      assert.deepInclude((await ask("observe", names))[first.unit.name], { state: "ended", outcome: "lost" })
    })

    it("is cancelled with its engine", async () => {
      const { ask, processes, queuePid, until, unit } = agentHere()
      const only = unit("only", true)
      await ask("submit", only)
      await until(() => processes(only.unit.name, "engine").length === 1)
      for (const pid of [queuePid(), ...processes(only.unit.name, "worker")]) process.kill(pid, "SIGKILL")
      await ask("cancel", { name: only.unit.name })
      assert.deepStrictEqual(processes(only.unit.name, "engine"), [])
    })

    it("is cancelled, not lost, if whoever cancelled it was killed, too", async () => {
      const { ask, processes, queuePid, until, unit } = agentHere()
      const [first, second] = [unit("first", true), unit("second", false)]
      await ask("submit", first)
      await until(() => processes(first.unit.name, "engine").length === 1)
      writeFileSync(join(first.root, "units", first.unit.name, "cancelled"), "")
      for (const pid of [queuePid(), ...processes(first.unit.name, "worker")]) process.kill(pid, "SIGKILL")
      await ask("submit", second)
      const names = [first, second].map((one) => ({ name: one.unit.name, after: 0 }))
      await until(async () => (await ask("observe", names))[second.unit.name]!.state === "ended")
      assert.deepInclude((await ask("observe", names))[first.unit.name], { state: "ended", outcome: "cancelled" })
    })

    it("is never started, if it is cancelled while the queue still ends what an earlier one has left of it", async () => {
      const { ask, processes, queuePid, unit, until } = agentHere()
      /** `undefined` if the queue had gone on before it was stopped. */
      const startedThough = async (name: string): Promise<boolean | undefined> => {
        const only = unit(name, true)
        const file = (of: string) => join(only.root, "units", only.unit.name, of)
        // What an earlier queue has left. This one ends it, and looks again a moment later: it is stopped in between.
        const left = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "left"], {
          env: { RIGBOOK_UNIT: only.unit.name },
          stdio: "ignore",
        })
        const stopped = new Promise<number>((resolve) =>
          left.once("exit", () => {
            const queue = queuePid()
            process.kill(queue, "SIGSTOP")
            resolve(queue)
          }),
        )
        await until(() => processes(only.unit.name, "left").length === 1)
        await ask("submit", only)
        const queue = await stopped
        const isInTime = !existsSync(file("begun"))
        if (isInTime) await ask("cancel", { name: only.unit.name })
        process.kill(queue, "SIGCONT")
        if (!isInTime) await ask("cancel", { name: only.unit.name })
        await until(() => existsSync(file("worker.pid")) || !existsSync(`/proc/${queue}`))
        const isStarted = existsSync(file("worker.pid"))
        for (const word of ["worker", "engine"])
          for (const pid of processes(only.unit.name, word)) process.kill(pid, "SIGKILL")
        return isInTime ? isStarted : undefined
      }
      let though: boolean | undefined
      for (let tries = 0; tries < 20 && though === undefined; tries++) though = await startedThough(`only-${tries}`)
      assert.isFalse(though)
    })

    it("is carried out once, though the queue was killed before it had written down its worker", async () => {
      const { ask, processes, queuePid, until, unit } = agentHere()
      const only = unit("only", true)
      await ask("submit", only)
      await until(() => processes(only.unit.name, "engine").length === 1)
      const [before] = processes(only.unit.name, "worker")
      process.kill(queuePid(), "SIGKILL")
      rmSync(join(only.root, "units", only.unit.name, "worker.pid"))
      await ask("submit", only)
      await until(() => processes(only.unit.name, "worker").some((pid) => pid !== before))
      assert.lengthOf(processes(only.unit.name, "worker"), 1)
    })
  },
)

it("removes units that were collected with their earlier attempts, unless they are still named or of another workspace", async () => {
  const { ask, unit } = agentHere()
  const { root } = unit("any", false)
  const names = ["a-a1", "a-a2", "b-a1", "c-a1", "d-a1", "e-a1"]
  for (const name of names) {
    const folder = join(root, "units", name)
    mkdirSync(folder, { recursive: true })
    const place = { entry: "worker.mjs", root: name === "e-a1" ? join(root, "other") : root }
    writeFileSync(join(folder, "place.json"), JSON.stringify(place))
    writeFileSync(join(folder, "unit.json"), "{}")
    writeFileSync(join(folder, "ending.json"), JSON.stringify({ code: 0, signal: null }))
  }
  for (const name of ["a-a2", "b-a1", "e-a1"]) await ask("collected", { name })
  const known = async () => {
    const found = await ask(
      "observe",
      names.map((name) => ({ name, after: 0 })),
    )
    return names.filter((name) => found[name]!.state !== "unknown")
  }
  await ask("tidy", { root, kept: ["b-a1", "d-a1"] })
  assert.deepStrictEqual(await known(), ["b-a1", "c-a1", "d-a1", "e-a1"])
  await ask("tidy", { root, kept: [] })
  assert.deepStrictEqual(await known(), ["c-a1", "d-a1", "e-a1"])
})

it("skips what a worker, or a library in it, prints between its lines", async () => {
  const { ask, unit } = agentHere()
  const { root } = unit("any", false)
  const folder = join(root, "units", "a-a1")
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, "unit.json"), "{}")
  writeFileSync(join(folder, "ending.json"), JSON.stringify({ code: 0, signal: null }))
  const [first, second] = ["first", "second"].map((message) => ({ kind: "error", message }))
  const printed = [JSON.stringify(first), "a library is loaded", '{"kind":"tr', "3", "null", JSON.stringify(second), ""]
  writeFileSync(join(folder, "events.ndjson"), printed.join("\n"))
  const linesAfter = async (after: number) => (await ask("observe", [{ name: "a-a1", after }]))["a-a1"]!.lines
  assert.deepStrictEqual(await linesAfter(0), [first, second])
  assert.deepStrictEqual(await linesAfter(1), [second])
})

it("removes units of two programs at the same time", async () => {
  const { ask, unit } = agentHere()
  const { root } = unit("any", false)
  const roots = [root, join(root, "other")]
  for (let number = 0; number < 400; number++) {
    const folder = join(root, "units", `u${number}-a1`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, "place.json"), JSON.stringify({ entry: "worker.mjs", root: roots[number % 2] }))
    writeFileSync(join(folder, "unit.json"), "{}")
    writeFileSync(join(folder, "ending.json"), JSON.stringify({ code: 0, signal: null }))
    writeFileSync(join(folder, "collected"), "")
  }
  const answers = await Promise.all([...roots, ...roots].map((each) => ask("tidy", { root: each, kept: [] })))
  assert.deepStrictEqual(answers, Array(4).fill({}))
  assert.deepStrictEqual(readdirSync(join(root, "units")), [])
  assert.deepStrictEqual(readdirSync(join(root, "removed")), [])
})
