import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { afterAll } from "vitest"
import { type BackendSubject, checkBackend } from "../src/index.ts"
import { inProcess } from "./conforming.ts"
import { endAll, LEAVING } from "./leaving.ts"

afterAll(endAll)

// One after the other: the suite checks all processes that this one has started.
describe("the suite for backends finds that", () => {
  for (const { fails, fault, hasChild = false, open, says } of LEAVING)
    it.live(fault, () =>
      Effect.gen(function* () {
        const { backend, subject } = inProcess()
        const given: BackendSubject = {
          ...subject,
          faults: { ...subject.faults, ...(hasChild ? { deafChild: { context: 1024 } } : {}) },
        }
        const results = yield* checkBackend({ ...backend, open: open(backend) }, Effect.succeed(given))
        const failed = results.filter(({ outcome }) => outcome === "failed")
        assert.strictEqual(failed.map(({ name }) => name).join("; "), fails)
        const [only] = failed
        assert.match(only?.outcome === "failed" ? only.sentence : "", says)
      }).pipe(Effect.provide(NodeServices.layer)),
    )
})
