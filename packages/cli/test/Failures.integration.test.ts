import { assert, describe, it } from "@effect/vitest"
import { processTree } from "@rigbook/runner"
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import {
  journalOf,
  recordFolders,
  rigbook,
  sampleModel,
  temporaryFolder,
  until,
  writeWorkspace,
} from "./TemporaryWorkspace.ts"

const model = sampleModel("smollm2-135m-instruct")
const healthy = `${model}backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 8 }
protocol: { warmup: 0, trials: 5 }
`

interface FailedRecord {
  readonly failure?: { readonly reason: { readonly _tag: string }; readonly logTail: ReadonlyArray<string> }
  readonly verdict: { readonly status: string }
}

const recordsOf = (root: string): ReadonlyArray<FailedRecord> =>
  recordFolders(root).map((folder) => JSON.parse(readFileSync(join(folder, "record.json"), "utf8")) as FailedRecord)

/** Runs a cell that goes wrong and then a healthy one; `meanwhile` may do harm once the first trial is measured. */
const runTwo = async (sick: string, meanwhile?: (root: string, pid: number) => Promise<void>) => {
  const root = writeWorkspace(temporaryFolder(), { "models/configs/a.yaml": sick, "models/configs/b.yaml": healthy })
  const running = rigbook(root, ["run"])
  if (meanwhile !== undefined) await meanwhile(root, running.pid!)
  const result = await running
  return { exitCode: result.exitCode, stderr: result.stderr, records: recordsOf(root) }
}

const assertFailedThenHealthy = (
  { exitCode, records, stderr }: Awaited<ReturnType<typeof runTwo>>,
  reason: string,
): void => {
  assert.strictEqual(exitCode, 1, stderr)
  const [sick, well] = records
  assert.strictEqual(sick?.failure?.reason._tag, reason, JSON.stringify(sick?.failure))
  assert.strictEqual(sick?.verdict.status, "invalid")
  assert.isNotEmpty(sick?.failure?.logTail.join(""))
  assert.isUndefined(well?.failure)
}

/** Sends a signal to the llama-server below `pid` after the first measured trial. */
const signalEngine = (signal: NodeJS.Signals) => async (root: string, pid: number) => {
  const measured = () =>
    recordsBegun(root).some(
      (folder) => existsSync(join(folder, "samples.ndjson")) && journalOf(folder).some(({ kind }) => kind === "sample"),
    )
  await until("the first trial", measured)
  const engine = processTree([pid]).find((id) => readFileSync(`/proc/${id}/comm`, "utf8").startsWith("llama-server"))
  assert.isDefined(engine)
  process.kill(engine, signal)
}

const recordsBegun = (root: string): ReadonlyArray<string> => {
  try {
    return recordFolders(root)
  } catch {
    return [] // nothing has begun yet
  }
}

const long = `${model}backends:
  llamacpp: { context: 1024, threads: 1 }
scenarios:
  - { kind: latency, prompts: brief, requests: 1, outputTokens: 64 }
protocol: { warmup: 0, trials: 50, stallTimeoutMs: 15000 }
`

describe("an engine that goes wrong is a failed record, and the other cells go on", () => {
  it("when it is killed", async () => assertFailedThenHealthy(await runTwo(long, signalEngine("SIGKILL")), "Crashed"))

  it("when it hangs", async () => assertFailedThenHealthy(await runTwo(long, signalEngine("SIGSTOP")), "TimedOut"))

  it("when it runs out of memory", async () => {
    const { stdout } = await rigbook(temporaryFolder(), ["setup", "llamacpp", "--json"])
    const [{ runtime }] = JSON.parse(stdout) as [{ runtime: { path: string } }]
    const limited = join(temporaryFolder(), "llama-server")
    const libraries = join(runtime.path, "..")
    // Room for all but the cache of 3 GB; each arena of malloc would take address space of its own.
    const environment = `export LD_LIBRARY_PATH='${libraries}' MALLOC_ARENA_MAX=1`
    writeFileSync(limited, `#!/bin/sh\n${environment}\nulimit -v 2000000\nexec '${runtime.path}' "$@"\n`)
    chmodSync(limited, 0o755)
    const hungry = healthy.replace("{ context: 1024, threads: 1 }", `{ context: 131072, binary: ${limited} }`)
    assertFailedThenHealthy(await runTwo(hungry), "OutOfMemory")
  })
})
