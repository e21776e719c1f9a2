import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { LaunchError } from "@rigbook/core"
import { Effect } from "effect"
import { execaSync } from "execa"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { copyWorkspace } from "../src/CopyWorkspace.ts"
import type { Far } from "../src/Far.ts"
import type { Remote } from "../src/Remote.ts"

/** Commands that run on this machine, in a folder that stands for the other one's home. */
const remoteIn = (home: string): Remote => ({
  run: ([program = "", ...args]) => Effect.sync(() => execaSync(program, args, { cwd: home }).stdout),
  push: () => Effect.void,
  talk: () => Effect.die("nothing is answered"),
  pull: (from, files, to) =>
    Effect.sync(() => {
      const { stdout } = execaSync("tar", ["-C", from, "-czf", "-", ...files], { cwd: home, encoding: "buffer" })
      execaSync("tar", ["-C", to, "-xzf", "-"], { input: stdout })
    }),
})

const farIn = (home: string): Far => ({ host: "cellar", remote: remoteIn(home) }) as Far

const inFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "rigbook-copy-"))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const copied = (home: string, folder: string, known: ReadonlyArray<string>) => {
  const into = join(home, "into")
  mkdirSync(into)
  return Effect.runPromise(
    copyWorkspace(farIn(home), { folder, into, known: new Set(known) }).pipe(
      Effect.as(into),
      Effect.result,
      Effect.provide(NodeServices.layer),
    ),
  )
}

describe("copyWorkspace", () => {
  it("copies prompts and the records that are not known, more than one command may name, and nothing strangely named", () =>
    inFolder(async (home) => {
      const raw = join(home, "a bench", "benchmarks/results/raw")
      const ids = Array.from({ length: 205 }, (_, at) => `20260101T000000Z-${at}`)
      for (const id of [...ids, "--checkpoint-action=exec=id", "a b"]) {
        mkdirSync(join(raw, id), { recursive: true })
        writeFileSync(join(raw, id, "record.json"), id)
      }
      mkdirSync(join(home, "a bench/benchmarks/configs/prompts"), { recursive: true })
      writeFileSync(join(home, "a bench/benchmarks/configs/prompts/x.jsonl"), "x")
      writeFileSync(join(home, "a bench/rigbook.yaml"), "rigbook: 1\n")
      assert.strictEqual((await copied(home, "a bench", [ids[0]!]))._tag, "Success")
      const into = join(home, "into")
      assert.deepStrictEqual(readdirSync(join(into, "benchmarks/results/raw")).toSorted(), ids.slice(1).toSorted())
      assert.strictEqual(readFileSync(join(into, "benchmarks/configs/prompts/x.jsonl"), "utf8"), "x")
    }))

  it("says where there is no workspace", () =>
    inFolder(async (home) => {
      const result = await copied(home, "nowhere", [])
      assert.isTrue(result._tag === "Failure" && result.failure instanceof LaunchError)
      assert.include(String(result._tag === "Failure" && result.failure), "cellar: there is no workspace in nowhere")
    }))
})
