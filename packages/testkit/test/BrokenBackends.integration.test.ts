import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import type { AnyBackend } from "@rigbook/core"
import { Effect } from "effect"
import { checkBackend } from "../src/index.ts"
import { IN_ANSWERS } from "./broken/answers.ts"
import { IN_ENDINGS } from "./broken/endings.ts"
import { IN_PLANNING } from "./broken/planning.ts"
import { IN_REPORTING } from "./broken/reported.ts"
import { IN_RUNTIME } from "./broken/runtime.ts"
import { IN_SENDING } from "./broken/sending.ts"
import { inProcess } from "./conforming.ts"
import { LEAVING } from "./leaving.ts"

/** Backends with one fault each, made of the one that conforms. */
const BROKEN = [...IN_PLANNING, ...IN_RUNTIME, ...IN_SENDING, ...IN_REPORTING, ...IN_ANSWERS, ...IN_ENDINGS]

describe.concurrent("the suite for backends finds that", () => {
  for (const { fails, fault, says, subject: given, with: change } of BROKEN)
    it.live(fault, () =>
      Effect.gen(function* () {
        const { backend, subject } = inProcess()
        const broken: AnyBackend = { ...backend, ...change(backend) }
        const results = yield* checkBackend(broken, Effect.succeed({ ...subject, ...given?.(subject) }))
        const failed = results.filter(({ outcome }) => outcome === "failed")
        assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
        const [only] = failed
        assert.match(only?.outcome === "failed" ? only.sentence : "", says)
      }).pipe(Effect.provide(NodeServices.layer)),
    )
})

it.live("every case of the suite is failed by one of them, or by one that leaves something behind", () =>
  Effect.gen(function* () {
    const { backend, subject } = inProcess()
    const cases = yield* checkBackend(backend, Effect.succeed(subject))
    const faults = [...BROKEN, ...LEAVING]
    assert.isAtLeast(new Set(faults.map(({ fault }) => fault)).size, 20)
    assert.deepStrictEqual(
      [...new Set(faults.map(({ fails }) => fails))].toSorted(),
      cases.map(({ name }) => name).toSorted(),
    )
  }).pipe(Effect.provide(NodeServices.layer)),
)
