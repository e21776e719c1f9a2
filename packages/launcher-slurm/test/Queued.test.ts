import { assert, describe, it } from "@effect/vitest"
import { HostAway, LaunchError, type LaunchUnit } from "@rigbook/core"
import { Effect } from "effect"
import { isSubmitLimit } from "../src/Commands.ts"
import { makeQueued, type Placed } from "../src/Queued.ts"

const unit = (name: string) => ({ name }) as LaunchUnit
const away = new HostAway({ host: "cluster", detail: "it does not answer.", fix: "Run it again." })
const refusal = new LaunchError({ host: "cluster", detail: "it refuses the job.", fix: "Choose another." })

/** A Slurm that has these jobs already, and answers each submission with the next of `answers`, else with a job. */
const slurmWith = (jobs: ReadonlyArray<string>, answers: Array<"full" | HostAway | LaunchError> = []) => {
  const submitted: Array<string> = []
  const place = ({ name }: LaunchUnit, isFull: boolean): Effect.Effect<Placed, HostAway | LaunchError> => {
    if (jobs.includes(name)) return Effect.succeed({ id: name, adopted: true })
    if (isFull) return Effect.succeed("full")
    const answer = answers.shift()
    if (answer === "full") return Effect.succeed(answer)
    if (answer !== undefined) return Effect.fail(answer)
    submitted.push(name)
    return Effect.succeed({ id: name, adopted: false })
  }
  return { place, submitted }
}

const nothingRefused = (): Effect.Effect<void> => Effect.die("no unit is refused")

describe("units beyond the places for jobs", () => {
  it.effect("wait here, and are submitted in their order as units end", () =>
    Effect.gen(function* () {
      const { place, submitted } = slurmWith([])
      const queued = makeQueued(2, place)
      for (const name of ["a", "b", "c", "d"]) yield* queued.add(unit(name))
      assert.deepStrictEqual(
        [submitted, ["b", "c"].map(queued.waits)],
        [
          ["a", "b"],
          [false, true],
        ],
      )
      assert.deepStrictEqual(yield* queued.add(unit("c")), { id: "c", adopted: true })
      yield* queued.fill(nothingRefused)
      assert.lengthOf(submitted, 2)
      queued.leave("a")
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual(submitted, ["a", "b", "c"])
      queued.leave("d") // it was cancelled while it waited
      queued.leave("b")
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual(submitted, ["a", "b", "c"])
    }),
  )

  it.effect("are found again where they have a job, however many there are, and count", () =>
    Effect.gen(function* () {
      const { place, submitted } = slurmWith(["a", "b", "c"])
      const queued = makeQueued(2, place)
      for (const name of ["a", "b", "c"])
        assert.deepStrictEqual(yield* queued.add(unit(name)), { id: name, adopted: true })
      yield* queued.add(unit("d"))
      queued.leave("a")
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual([submitted, queued.waits("d")], [[], true])
      queued.leave("b")
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual(submitted, ["d"])
    }),
  )

  it.effect("wait where Slurm accepts no more jobs, until one has ended", () =>
    Effect.gen(function* () {
      const { place, submitted } = slurmWith([], ["full"])
      const queued = makeQueued(9, ({ name, ...rest }, isFull) =>
        name === "a" ? Effect.succeed({ id: name, adopted: true }) : place({ name, ...rest }, isFull),
      )
      for (const name of ["a", "b", "c"]) yield* queued.add(unit(name))
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual([submitted, ["b", "c"].map(queued.waits)], [[], [true, true]])
      queued.leave("a")
      yield* queued.fill(nothingRefused)
      assert.deepStrictEqual(submitted, ["b", "c"])
    }),
  )

  it.effect("still wait when the controller did not answer, and cost no other when one is refused", () =>
    Effect.gen(function* () {
      const { place, submitted } = slurmWith(["first"], [away, refusal])
      const queued = makeQueued(1, place)
      for (const name of ["first", "a", "b"]) yield* queued.add(unit(name))
      queued.leave("first")
      assert.strictEqual(yield* Effect.flip(queued.fill((_, error) => Effect.fail(error))), away)
      assert.isTrue(queued.waits("a"))
      const refused: Array<string> = []
      yield* queued.fill(({ name }) =>
        Effect.sync(() => {
          refused.push(name)
          queued.leave(name)
        }),
      )
      assert.deepStrictEqual([refused, submitted], [["a"], ["b"]])
    }),
  )
})

describe("a limit on submitted jobs", () => {
  it("is distinguished from what never runs by the reason that sbatch prints first", () => {
    const said = (reason: string) =>
      `sbatch: error: ${reason}\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)`
    const limits = [
      "AssocMaxSubmitJobLimit",
      "AssocGrpSubmitJobsLimit",
      "QOSMaxSubmitJobPerUserLimit",
      "QOSGrpSubmitJobsLimit",
    ]
    for (const reason of limits) assert.isTrue(isSubmitLimit(said(reason)), reason)
    for (const reason of ["QOSMaxWallDurationPerJobLimit", "AssocMaxCpuPerJobLimit", "QOSMinGRES"])
      assert.isFalse(isSubmitLimit(said(reason)), reason)
  })
})
