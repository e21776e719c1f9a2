import { textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeCell, fakePrompts, protocol } from "../../../testkit/src/FakeCell.ts"
import { RECORD_FILE } from "../../src/store/RecordStore.ts"
import { verifyRecord } from "../../src/verification/VerifyRecord.ts"
import { fakeWorkspace } from "./workspace.ts"

export const PROMPTS = '{"id":"one","text":"One"}\n'

/** A workspace with one record, and ways to spoil it. */
export const recorded = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* fakeWorkspace({ "benchmarks/configs/prompts/fake-prompts.jsonl": PROMPTS })
  const cell = fakeCell(
    {},
    {
      protocol: protocol({ warmup: 1, trials: 3 }),
      prompts: { name: fakePrompts.name, sha256: textSha256(PROMPTS), count: 1, license: "not stated" },
    },
  )
  const [record] = yield* hurried(run([cell], { workspace }))
  const folder = join(workspace.raw, record!.id)
  const change = (file: string, edit: (text: string) => string) =>
    Effect.flatMap(fs.readFileString(join(folder, file)), (text) => fs.writeFileString(join(folder, file), edit(text)))
  const text = fs.readFileString(join(folder, RECORD_FILE))
  return { workspace, record: record!, folder, change, text, verify: verifyRecord(workspace, folder) }
})
