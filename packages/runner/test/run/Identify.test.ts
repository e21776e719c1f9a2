import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import type { EngineIdentity } from "@rigbook/core"
import { Effect } from "effect"
import { hurried } from "../../../core/test/fakes/hurriedClock.ts"
import { fakeWorkspace } from "../../../records/test/fakes/workspace.ts"
import { fakeBackend } from "../../../testkit/src/FakeBackend.ts"
import { fakeCell, protocol } from "../../../testkit/src/FakeCell.ts"
import { run } from "../../src/run/Run.ts"

const identity = (version: string): EngineIdentity => ({ program: { version }, process: {} })

/** The record of a cell whose engine reports this of itself, time after time. */
const record = Effect.fnUntraced(function* (rounds: number, ...answers: ReadonlyArray<Effect.Effect<EngineIdentity>>) {
  const workspace = yield* fakeWorkspace()
  const fake = fakeBackend()
  let reports = 0
  const backend: typeof fake = {
    ...fake,
    open: (input) =>
      Effect.map(fake.open(input), (session) => ({
        ...session,
        identify: Effect.suspend(() => answers[reports++]!),
      })),
  }
  const cell = { ...fakeCell({}, { protocol: protocol({ warmup: 1, trials: 5 }) }), backend }
  const [found] = yield* hurried(run([cell], { workspace, rounds }))
  assert.strictEqual(reports, answers.length)
  return { measured: found!.samples.measured, codes: found!.verdict.reasons.map(({ code }) => code) }
})

layer(NodeServices.layer, { excludeTestServices: true })("the engine of a cell", (it) => {
  const one = Effect.succeed(identity("1"))

  it.effect("reports what it is at the start and the end of each opening", () =>
    Effect.gen(function* () {
      assert.notInclude((yield* record(1, one, one)).codes, "engine-changed")
      assert.include((yield* record(1, one, Effect.succeed(identity("2")))).codes, "engine-changed")
      const later = yield* record(2, one, one, Effect.succeed(identity("2")), Effect.succeed(identity("2")))
      assert.include(later.codes, "engine-changed")
    }),
  )

  it.effect("costs no trial by what it reports at the end, or does not", () =>
    Effect.gen(function* () {
      for (const end of [Effect.never, Effect.die(new Error("oh"))]) {
        const { codes, measured } = yield* record(1, one, end)
        assert.strictEqual(measured, 5)
        assert.include(codes, "engine-unverified")
        assert.notInclude(codes, "failed")
      }
    }),
  )
})
