import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { truncateSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { run } from "../../../runner/src/run/Run.ts"
import { fakeModel } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, fakePrompts, protocol } from "../../../testkit/src/FakeCell.ts"
import { fakeHost } from "../../../testkit/src/FakeHosts.ts"
import { originOfHost } from "../../src/sharing/Origin.ts"
import { originWorkspace, readAllRecords } from "../../src/sharing/Pulled.ts"
import { shareRecords } from "../../src/sharing/ShareRecords.ts"
import { takeRecords } from "../../src/sharing/TakeRecords.ts"
import { DERIVATION } from "../../src/store/Derivation.ts"
import { decodeRecord, RECORD_FILE } from "../../src/store/RecordStore.ts"
import { verifyRecord } from "../../src/verification/VerifyRecord.ts"
import { PROMPTS } from "../fakes/recorded.ts"
import { fakeWorkspace } from "../fakes/workspace.ts"

/** A workspace with one record of a host. */
const rig = Effect.fnUntraced(function* (fingerprint: string, sha256 = "a".repeat(64)) {
  const fs = yield* FileSystem.FileSystem
  const workspace = yield* fakeWorkspace({ "benchmarks/configs/prompts/fake-prompts.jsonl": PROMPTS })
  const cell = fakeCell(
    {},
    {
      protocol: protocol({ warmup: 1, trials: 3 }),
      prompts: { name: fakePrompts.name, sha256: textSha256(PROMPTS), count: 1, license: "not stated" },
      host: fakeHost([], undefined, fingerprint),
      model: fakeModel({ sha256 }),
    },
  )
  const [record] = yield* hurried(run([cell], { workspace }))
  const folder = join(workspace.raw, record!.id)
  const change = (file: string, edit: (text: string) => string) =>
    Effect.flatMap(fs.readFileString(join(folder, file)), (text) => fs.writeFileString(join(folder, file), edit(text)))
  return { workspace, root: workspace.root, record: record!, id: record!.id, folder, change }
})

const live = <A, E>(name: string, test: () => Effect.Effect<A, E, NodeServices.NodeServices>) =>
  it.live(name, () => Effect.provide(test(), NodeServices.layer))

describe("takeRecords", () => {
  live("keeps two registries apart by origin and host, and takes only what is new the second time", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [alice, bob, here] = [yield* rig("host-a"), yield* rig("host-b"), yield* fakeWorkspace()]
        for (const [origin, { id, root }] of [["alice", alice] as const, ["bob", bob] as const]) {
          const first = yield* takeRecords(here, { origin, root })
          assert.deepStrictEqual([first.added, first.refused], [[id], []])
          assert.deepStrictEqual((yield* takeRecords(here, { origin, root })).unchanged, [id])
        }
        const { broken, records } = yield* readAllRecords(here)
        assert.deepStrictEqual(broken, [])
        assert.deepStrictEqual(records.map(({ cell }) => cell.host.fingerprint).toSorted(), [
          "alice/host-a",
          "bob/host-b",
        ])
        assert.deepStrictEqual(new Set(records.map(({ cell }) => originOfHost(cell.host))), new Set(["alice", "bob"]))
        const home = originWorkspace(here, "alice")
        assert.deepStrictEqual((yield* verifyRecord(home, join(home.raw, alice.id))).findings, [])
      }),
    ),
  )

  live("shows a record once that came from two places, and the workspace's own first", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [alice, here] = [yield* rig("host-a"), yield* fakeWorkspace()]
        yield* takeRecords(here, { origin: "alice", root: alice.root })
        assert.deepStrictEqual((yield* takeRecords(here, { origin: "copy", root: alice.root })).here, [alice.id])
        assert.deepStrictEqual((yield* takeRecords(alice.workspace, { origin: "me", root: alice.root })).here, [
          alice.id,
        ])
        assert.lengthOf((yield* readAllRecords(here)).records, 1)
      }),
    ),
  )

  live("distinguishes models of one config name that are other files", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [mine, alice] = [yield* rig("host-a"), yield* rig("host-b", "b".repeat(64))]
        yield* takeRecords(mine.workspace, { origin: "alice", root: alice.root })
        const ids = (yield* readAllRecords(mine.workspace)).records.map(({ cell }) => cell.config.id)
        const { id } = mine.record.cell.config
        assert.deepStrictEqual(ids.toSorted(), [id, `${id}-alice`])
      }),
    ),
  )

  live("refuses a changed sample with its line, a changed figure with its line, and costs no other record", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [alice, bob, here] = [yield* rig("host-a"), yield* rig("host-b"), yield* fakeWorkspace()]
        yield* alice.change("samples.ndjson", (text) =>
          text.replace(/("phase":"measured"[^\n]*"endMs":)([\d.]+)/, "$1999999"),
        )
        const samples = yield* takeRecords(here, { origin: "alice", root: alice.root })
        assert.deepStrictEqual(samples.added, [])
        assert.match(
          samples.refused[0]!.findings.join("\n"),
          /^benchmarks\/results\/raw\/[^/]+\/samples\.ndjson:\d+: /m,
        )
        yield* bob.change("record.json", (text) => text.replace(/"median": [\d.]+/, '"median": 1e9'))
        const figure = yield* takeRecords(here, { origin: "bob", root: bob.root })
        assert.match(figure.refused[0]!.findings.join("\n"), /record\.json:\d+: differs from what the samples give/)
        assert.deepStrictEqual((yield* readAllRecords(here)).records, [])
      }),
    ),
  )

  live("replaces a record that was derived again from its samples, and never its samples", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [alice, here] = [yield* rig("host-a"), yield* fakeWorkspace()]
        const from = { origin: "alice", root: alice.root }
        const rules = (from: number, to: number) =>
          alice.change("record.json", (text) => text.replace(`"derivation": ${from}`, `"derivation": ${to}`))
        yield* rules(DERIVATION, DERIVATION - 1)
        assert.deepStrictEqual((yield* takeRecords(here, from)).added, [alice.id])
        yield* rules(DERIVATION - 1, DERIVATION)
        assert.deepStrictEqual((yield* takeRecords(here, from)).updated, [alice.id])
        const other = "c".repeat(64)
        yield* alice.change("record.json", (text) =>
          text.replace(/"samples": \{\s*"sha256": "[^"]+"/, `"samples": {"sha256": "${other}"`),
        )
        const changed = yield* takeRecords(here, from)
        assert.include(changed.refused[0]!.findings.join(), "has other samples than when it was pulled before")
      }),
    ),
  )

  live("takes nothing hostile: links, pipes, sparse files, other versions, strange names", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const here = yield* fakeWorkspace()
        const secret = yield* rig("host-s")
        const refusal = Effect.fnUntraced(function* (
          spoil: (
            one: Effect.Success<ReturnType<typeof rig>>,
          ) => Effect.Effect<unknown, unknown, NodeServices.NodeServices>,
        ) {
          const one = yield* rig("host-h")
          yield* Effect.orDie(spoil(one))
          const taken = yield* takeRecords(here, { origin: "mallory", root: one.root })
          assert.deepStrictEqual([taken.added, taken.updated], [[], []])
          return taken.refused.flatMap(({ findings }) => findings).join("\n")
        })
        const replaced = (file: string, put: (path: string) => void) =>
          refusal(({ folder }) =>
            Effect.andThen(
              fs.remove(join(folder, file)),
              Effect.sync(() => put(join(folder, file))),
            ),
          )
        assert.include(yield* replaced("samples.ndjson", (path) => execFileSync("mkfifo", [path])), "is a named pipe")
        const sparse = (path: string) => {
          writeFileSync(path, "")
          truncateSync(path, 10 * 2 ** 30)
        }
        assert.include(yield* replaced("record.json", sparse), "10,737,418,240 bytes")
        assert.include(yield* replaced("samples.ndjson", sparse), "10,737,418,240 bytes")
        const link = (to: string) => (path: string) => execFileSync("ln", ["-s", to, path])
        assert.include(yield* replaced("samples.ndjson", link(join(secret.folder, "samples.ndjson"))), "is a link")
        assert.include(yield* replaced("record.json", link("/etc/passwd")), "is a link")
        assert.include(
          yield* refusal(({ folder }) =>
            Effect.andThen(
              fs.remove(folder, { recursive: true }),
              Effect.sync(() => link(secret.folder)(folder)),
            ),
          ),
          "is a link",
        )
        assert.include(
          yield* refusal(({ change }) => change("record.json", (text) => text.replace('"schema": 1', '"schema": 2'))),
          "its schema is 2, and this Rigbook reads 1",
        )
        assert.include(
          yield* refusal(({ folder }) => fs.rename(folder, `${folder}-other`)),
          "its id is not the name of its folder",
        )
        assert.include(yield* refusal(({ change }) => change("samples.ndjson", () => "[".repeat(5000))), "nested")
        assert.deepStrictEqual(
          yield* fs.readDirectory(originWorkspace(here, "mallory").raw).pipe(Effect.orElseSucceed(() => [])),
          [],
        )
      }),
    ),
  )
})

describe("shareRecords", () => {
  live("masks names in samples and logs, keeps every figure, and what it writes is verified and pulled", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const [mine, target, other] = [yield* rig("host-a"), yield* fakeWorkspace(), yield* fakeWorkspace()]
        // As a run on this machine would have left it, had its engine named the account: in samples and record alike.
        const kernel = mine.record.cell.host.kernel
        const named = (text: string) =>
          text.replaceAll(JSON.stringify(kernel), JSON.stringify(`${kernel} mjones@wopr /srv/acme/x.gguf`))
        yield* mine.change("samples.ndjson", named)
        const samples = yield* fs.readFileString(join(mine.folder, "samples.ndjson"))
        yield* mine.change("record.json", (text) =>
          named(text).replace(mine.record.samples.sha256, createHash("sha256").update(samples).digest("hex")),
        )
        yield* fs.writeFileString(
          join(mine.folder, "engine.log"),
          "mjones listens on 10.0.0.7:8000 in /home/mjones/x\n",
        )
        assert.deepStrictEqual((yield* verifyRecord(mine.workspace, mine.folder)).findings, [])
        const shared = yield* shareRecords(mine.workspace, target, { names: ["mjones", "wopr"] })
        assert.deepStrictEqual([shared.records, shared.masked, shared.leftOut], [[mine.id], [mine.id], []])
        for (const path of yield* fs.readDirectory(target.root, { recursive: true })) {
          const text = yield* Effect.orElseSucceed(fs.readFileString(join(target.root, path)), () => "")
          assert.notMatch(`${path}\n${text}`, /mjones|wopr|\/srv|\/home|10\.0\.0\.7|acme/i, path)
        }
        const folder = join(target.raw, mine.id)
        assert.deepStrictEqual((yield* verifyRecord(target, folder)).findings, [])
        const after = yield* decodeRecord(yield* fs.readFileString(join(folder, RECORD_FILE)))
        assert.deepStrictEqual(after.values, mine.record.values)
        assert.deepStrictEqual((yield* takeRecords(other, { origin: "mine", root: target.root })).added, [mine.id])
        yield* fs.remove(mine.folder, { recursive: true })
        yield* shareRecords(mine.workspace, target, { names: [] })
        assert.deepStrictEqual(
          (yield* fs.readDirectory(target.raw)).map((name) => basename(name)),
          [],
        )
      }),
    ),
  )

  live("leaves a record out whose prompts name somebody", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const [mine, target] = [yield* rig("host-a"), yield* fakeWorkspace()]
        const { leftOut, records } = yield* shareRecords(mine.workspace, target, { names: ["One"] })
        assert.deepStrictEqual(records, [])
        assert.match(leftOut[0]!.findings.join("\n"), /fake-prompts\.jsonl:1: this line names/)
      }),
    ),
  )
})
