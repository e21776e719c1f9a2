import {
  type AnyBackend,
  type CellSpec,
  type Completion,
  type Dataset,
  Effective,
  type EngineIdentity,
  type Prompt,
  type ReportedFields,
  seeded,
} from "@rigbook/core"
import { Effect, type Schema } from "effect"
import { join } from "node:path"
import { leapingClock } from "../../../core/test/fakes/leapingClock.ts"
import { MemoryReader } from "../../../runner/src/host/MemorySampler.ts"
import { UsageReader } from "../../../runner/src/host/UsageReader.ts"
import type { Cell } from "../../../runner/src/plan/Cell.ts"
import { ClientMonitor } from "../../../runner/src/run/ClientMonitor.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { DeviceSources } from "../../../runner/src/vendors/DeviceSources.ts"
import { fakeBackend, fakeLog, type FakeOptions, fakeSession } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, fakePrompts, protocol } from "../../../testkit/src/FakeCell.ts"
import { gpuId } from "../../../testkit/src/FakeHosts.ts"
import { scriptedDevice } from "../../../testkit/src/FakeTelemetry.ts"
import { fakeWorkspace } from "../fakes/workspace.ts"

const QUIET = { delayP99Ms: 0, delayMaxMs: 0, utilization: 0, cpuMs: 0 }

/** A run of the fake engine that nothing speaks against, except for what is named here. */
export interface Script {
  readonly options?: Readonly<Record<string, Schema.Json>>
  readonly change?: Partial<Omit<CellSpec, "identity">>
  readonly backend?: Partial<AnyBackend>
  /** Milliseconds to the first token, by the number of the trial, the warm-up being 0. */
  readonly firstMs?: (trial: number) => number
  /** The engine's own account of decoding, as a share of the truth. */
  readonly engineClock?: number
  /** What the engine says in the end, beside what it wrote; and how much it writes, of what is requested. */
  readonly usage?: Partial<Completion>
  readonly writes?: (outputTokens: number) => number
  /** What the library reports of the model's files. */
  readonly loading?: Partial<NonNullable<Effective["loading"]>>
  readonly pids?: ReadonlyArray<number>
  /** Of quality: the reply to the n-th of 120 questions, which is right if it is the letter at `n % 4`. */
  readonly reply?: (n: number) => Partial<Completion>
  /** Of quality: queries and documents, and the vector of each text, by the trial. */
  readonly queries?: number
  readonly divergence?: NonNullable<Completion["divergence"]>
  readonly vector?: (text: string, trial: number) => ReadonlyArray<number>
  /** What the engine reports of itself each time: at the start, and at the end. */
  readonly identities?: ReadonlyArray<EngineIdentity>
  /** Share of all cores that others use, and of the time that our event loop is at work. */
  readonly others?: number
  readonly loop?: number
  /** What GPU 0 tells at its n-th reading. */
  readonly gpu?: (n: number) => ReportedFields
}

export const FIRST_MS = 100
const CORES = 4
const ENGINE_CORES = 0.5
const REQUESTS_PER_TRIAL = 2

/** Requests between the warm-up and the first measured trial, whose answers are kept. */
export const ANSWERS = fakePrompts.prompts.length

/** The trial that the engine's n-th request belongs to, the warm-up being 0. */
const trialOf = (n: number): number =>
  n < REQUESTS_PER_TRIAL + ANSWERS ? 0 : Math.floor((n - ANSWERS) / REQUESTS_PER_TRIAL)

const NONE = { count: 0, first: [] }
export const ONE = { count: 1, first: ["layer.0.weight"] }

const engineOf = ({
  backend,
  divergence,
  engineClock,
  firstMs,
  identities,
  loading,
  pids = [process.pid],
  reply,
  usage,
  vector,
  writes = (tokens) => tokens,
}: Script): AnyBackend => {
  const log = fakeLog()
  const fake = fakeBackend(log)
  let reported = 0
  return {
    ...fake,
    open: (input) =>
      Effect.map(fake.open(input), (session) => ({
        ...session,
        ...(loading === undefined
          ? {}
          : {
              effective: new Effective({
                devices: session.effective.devices,
                settings: session.effective.settings,
                buffers: session.effective.buffers,
                loading: { missing: NONE, unexpected: NONE, ...loading },
              }),
            }),
        pids,
        ...(divergence === undefined ? {} : { diverge: () => Effect.succeed({ divergence }) }),
        ...(identities === undefined ? {} : { identify: Effect.sync(() => identities[reported++]!) }),
        send: (request, observer) => {
          const trial = trialOf(log.requests)
          const scoredTrial = Math.floor(log.requests / CALLS)
          const options: FakeOptions = { ...input.config, firstMs: firstMs?.(trial) ?? FIRST_MS, tokenMs: 10 }
          const given =
            request.task === "generate" ? { ...request, outputTokens: writes(request.outputTokens) } : request
          return Effect.map(fakeSession(options, log).send(given, observer), (completion) =>
            reply !== undefined && request.task === "generate"
              ? { ...completion, ...usage, ...reply(placeOf(request.prompt)) }
              : vector !== undefined && request.task === "embed"
                ? {
                    ...completion,
                    ...usage,
                    vectors: vectorsOf(request.texts.map((text) => vector(text, scoredTrial))),
                  }
                : engineClock === undefined
                  ? { ...completion, ...usage }
                  : { ...completion, timings: { promptMs: FIRST_MS, decodeTokens: 3, decodeMs: 30 * engineClock } },
          )
        },
      })),
    ...backend,
  }
}

const vectorsOf = (rows: ReadonlyArray<ReadonlyArray<number>>): NonNullable<Completion["vectors"]> => ({
  count: rows.length,
  dimensions: 8,
  base64: Buffer.from(Float32Array.from(rows.flat()).buffer).toString("base64"),
})

/** Of a text that is `query 7` or `document 7`: alike where the numbers are. */
export const alike = (text: string): ReadonlyArray<number> => {
  const draw = seeded(text.replace(/^\w+ /, ""))
  return Array.from({ length: 8 }, () => draw() - 0.5)
}
/** Alike where the whole texts are. */
export const unlike = (text: string): ReadonlyArray<number> => {
  const draw = seeded(text)
  return Array.from({ length: 8 }, () => draw() - 0.5)
}
export const numberOf = (text: string): number => Number(text.replace(/^\w+ /, ""))
export const QUERIES = 120
/** Requests of a trial of so many queries and documents. */
const CALLS = Math.ceil((2 * QUERIES) / 64)

/** So many queries, each of which one document answers. */
const datasetOf = (queries: number): Dataset => {
  const of = (what: string) => Array.from({ length: queries }, (_, n) => `${what} ${n}`)
  return {
    measure: "retrieval",
    queries: of("query"),
    documents: of("document"),
    relevant: Array.from({ length: queries }, (_, n) => [n]),
  }
}

const CHOICES = ["north", "east", "south", "west"]
const QUESTIONS: Dataset = {
  measure: "tasks",
  questions: Array.from({ length: QUERIES }, (_, n) => ({
    question: `question ${n}`,
    answer: CHOICES[n % 4]!,
    choices: CHOICES,
  })),
}
const placeOf = (prompt: Prompt): number =>
  "text" in prompt ? Number.NaN : Number(/\d+/.exec(prompt.messages[0]!.content)?.[0])
export const rightly = (n: number): Partial<Completion> => ({ text: "ABCD"[n % 4]!, finish: "stop" })

/** The record of a scripted run, on a clock and a machine of its own. `again` runs into the same workspace. */
export const scriptedRun = Effect.fnUntraced(function* (script: Script) {
  const { nowMs, provide } = leapingClock()
  const { gpu, loop = 0.1, options = {}, others = 0 } = script
  const cell: Cell = {
    ...fakeCell(options, { protocol: protocol({ warmup: 1, trials: 5 }), ...script.change }),
    backend: engineOf(script),
    ...(script.queries === undefined ? {} : { prompts: { ...fakePrompts, dataset: datasetOf(script.queries) } }),
    ...(script.reply === undefined ? {} : { prompts: { ...fakePrompts, dataset: QUESTIONS } }),
  }
  let readings = 0
  const machine = {
    host: () => ({ busyMs: nowMs() * (CORES * others + ENGINE_CORES), totalMs: nowMs() * CORES }),
    process: (pid: number) => (pid === process.pid ? { cpuMs: nowMs() * ENGINE_CORES, threads: 4 } : undefined),
    own: () => ({ cpuMs: 0, loopMs: nowMs() * loop }),
  }
  const memory = { tree: (pids: ReadonlyArray<number>) => pids, resident: () => 2 ** 28, name: () => "engine" }
  const sources = gpu === undefined ? { sources: [], problems: [] } : scriptedDevice(gpuId(0), () => gpu(readings++))
  const workspace = yield* fakeWorkspace()
  const again = run([cell], { workspace }).pipe(
    provide,
    Effect.provideService(UsageReader, machine),
    Effect.provideService(MemoryReader, memory),
    Effect.provideService(DeviceSources, Effect.succeed(sources)),
    Effect.provideService(ClientMonitor, Effect.succeed(Effect.succeed(QUIET))),
    Effect.map(([first]) => first!),
  )
  return { record: yield* again, again, folder: (id: string) => join(workspace.raw, id) }
})
