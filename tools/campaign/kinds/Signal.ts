import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { type AnyKind, kind } from "../Fault.ts"
import { keepsFailure, lostLines, wholeLines } from "../Journal.ts"
import { LIMITS } from "../Limits.ts"
import { left, processesOf } from "../Processes.ts"
import { engineConfig, llamacppConfig, sentenceTransformersConfig, vllmConfig } from "../Workspaces.ts"

/** A process of a run, by its place in it. */
const TARGETS = ["rigbook", "guard", "watcher", "tether", "engine"] as const
/** An engine that has several processes has a last one, such as the worker that holds the model. */
const SEVERAL = [...TARGETS, "worker"] as const
type Target = (typeof SEVERAL)[number]
const SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGSTOP", "SIGQUIT", "SIGSEGV"] as const

/** What ends an engine when Rigbook ends is killed with it. */
const WITH_GUARDS = (["rigbook", "guard", "watcher"] as const).map((to) => ({ to, signal: "SIGKILL" as const }))

interface Case {
  /** The moment: so long after the journal has so many lines; none is before there is a journal. */
  readonly lines: number
  readonly afterMs: number
  readonly signals: ReadonlyArray<{ readonly to: Target; readonly signal: (typeof SIGNALS)[number] }>
}

interface Run {
  readonly name: string
  /** Zero: it is injected only where `--kind` names it. */
  readonly share: number
  readonly targets: ReadonlyArray<Target>
  /** The latest moment, after a line of the journal. */
  readonly mostMs: number
  readonly config: string
}

/** Signals at a random moment of a run to any of its processes, and to several at once. */
const signalsTo = ({ config, mostMs, name, share, targets }: Run): AnyKind =>
  kind<Case>({
    name,
    share,
    draw: (draws) => ({
      lines: draws.int(0, 8),
      afterMs: draws.int(0, mostMs),
      signals: [
        ...draws.list(1, 3, () => ({
          to: draws.pick(["rigbook", ...targets] as const),
          signal: draws.pick(["SIGKILL", ...SIGNALS] as const),
        })),
        ...(draws.int(1, 5) === 1 ? WITH_GUARDS : []),
      ],
    }),
    inject: async ({ afterMs, lines, signals }, testbed) => {
      writeFileSync(join(testbed.root, "models/configs/k.yaml"), config)
      let ended = false
      const journal = (): string | undefined => {
        const folder = testbed.newRecords()[0]
        const path = folder === undefined ? "" : join(folder, "samples.ndjson")
        return existsSync(path) ? path : undefined
      }
      const running = testbed.program(["run", "k"], {
        meanwhile: async (pid) => {
          const due = (): boolean => {
            const path = journal()
            return (path === undefined ? 0 : wholeLines(readFileSync(path, "utf8")).length) >= lines
          }
          while (!ended && !due()) await sleep(5)
          await sleep(afterMs)
          if (ended) return // its pids may be those of others by now
          send(testbed.root, pid, signals)
          // What is stopped stays so until something continues it: a run that is stopped itself is then killed.
          if (signals.some(({ signal, to }) => to === "rigbook" && signal === "SIGSTOP")) {
            await sleep(100)
            send(testbed.root, pid, [{ to: "rigbook", signal: "SIGKILL" }])
          }
        },
      })
      const { code, stderr } = await running
      ended = true
      if (code !== null && ![0, 1, 2, 130].includes(code) && code < 128)
        testbed.violated("exit-code", `run: exit ${code}: ${stderr.slice(-300)}`)
      const orphans = await left(testbed.root, LIMITS.orphanMs)
      if (orphans.length > 0)
        testbed.violated("no-orphan", orphans.map(({ name, pid }) => `${name} (${pid})`).join(", "))
      const path = journal()
      const before = path === undefined ? "" : readFileSync(path, "utf8")
      const failed = path !== undefined && existsSync(join(path, "../record.json"))
      const again = await testbed.program(["run", "k"])
      // A failure that was kept, without its record yet, is reported by the next run: the one after it measures again.
      const reported = !failed && keepsFailure(before) && again.code === 1
      if (again.code !== 0 && !reported)
        testbed.violated("usable", `run after it: exit ${again.code}: ${again.stderr.slice(-300)}`)
      const later = await left(testbed.root, LIMITS.orphanMs)
      if (later.length > 0)
        testbed.violated("no-orphan", `after the next run: ${later.map(({ name }) => name).join(", ")}`)
      const lost = path === undefined || failed ? undefined : lostLines(before, path)
      if (lost !== undefined) testbed.violated("no-lost-trial", lost)
      await testbed.settled(["k"])
    },
  })

/** The campaign's own engine, which starts in a tenth of a second. */
export const signal = signalsTo({
  name: "signal",
  share: 10,
  targets: TARGETS,
  mostMs: 120,
  config: engineConfig(6, 8, 4),
})

/** Engines that `rigbook setup` installs. Each fault takes as long as two of their starts. */
export const engineSignals: ReadonlyArray<AnyKind> = [
  signalsTo({ name: "signal-llamacpp", share: 0, targets: TARGETS, mostMs: 300, config: llamacppConfig }),
  signalsTo({
    name: "signal-sentence-transformers",
    share: 0,
    targets: SEVERAL,
    mostMs: 4000,
    config: sentenceTransformersConfig,
  }),
  signalsTo({ name: "signal-vllm", share: 0, targets: SEVERAL, mostMs: 8000, config: vllmConfig }),
]

/** At once: each may end the others, and is to find them as they were. */
const send = (root: string, rigbook: number, signals: Case["signals"]): void => {
  const found = processesOf(root)
  const guards = found.filter(({ name }) => name === "rigbook-guard").toSorted((a, b) => a.pid - b.pid)
  const engines = found.filter(({ name }) => !/^rigbook-|^bin\./.test(name)).toSorted((a, b) => a.pid - b.pid)
  const pids: Readonly<Record<Target, number | undefined>> = {
    rigbook,
    guard: guards[0]?.pid,
    watcher: guards[1]?.pid,
    tether: found.find(({ name }) => name === "rigbook-tether")?.pid,
    engine: engines[0]?.pid,
    worker: engines.at(-1)?.pid,
  }
  for (const { signal, to } of signals) {
    const pid = pids[to]
    try {
      if (pid !== undefined) process.kill(pid, signal)
    } catch {
      // it has just ended
    }
  }
}
