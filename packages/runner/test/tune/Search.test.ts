import { seeded } from "@rigbook/core"
import { assert, describe, it } from "vitest"
import { costOf } from "../../src/tune/Cost.ts"
import type { Known } from "../../src/plan/Known.ts"
import type { Trials } from "../../src/tune/Goal.ts"
import { type Outcome, search, type TunePlan } from "../../src/tune/Search.ts"
import type { TryReply, TryRequest } from "../../src/tune/Tries.ts"
import { DEFAULT, type Variant, variantKey } from "../../src/tune/Variant.ts"

const BITS: Readonly<Record<string, { readonly speed: number; readonly kld: number; readonly gib: number }>> = {
  F16: { speed: 20, kld: 0, gib: 16 },
  Q8_0: { speed: 36, kld: 0.002, gib: 9 },
  Q4_K_M: { speed: 60, kld: 0.04, gib: 5 },
  Q2_K: { speed: 80, kld: 0.4, gib: 3 },
}

const PLAN: TunePlan = {
  knobs: [
    { name: "quantization", values: ["F16", "Q8_0", "Q4_K_M", "Q2_K"], lossy: true },
    { name: "kvCache", values: [DEFAULT, "q8_0", "q4_0"], lossy: true },
    { name: "threads", values: [DEFAULT, 4, 16], lossy: false },
    { name: "ubatch", values: [DEFAULT, 128, 1024], lossy: false },
  ],
  goal: { decode: 30, ttft: 500, kld: 0.05 },
  prefer: "decode",
  rungs: [2, 3, 5],
  last: { trials: 10, turns: 5 },
}

/** What a variant truly does: threads and files interact, a quantized cache costs a little, half the threads are best. */
const truth = ({ kvCache, quantization, threads, ubatch }: Variant) => {
  const { gib, kld, speed } = BITS[quantization!]!
  const decode = speed * (threads === 4 ? 1.15 : threads === 16 ? 0.8 : 1) * (kvCache === "q4_0" ? 0.97 : 1)
  return {
    decode,
    ttft: (ubatch === 1024 ? 380 : ubatch === 128 ? 700 : 450) * (threads === 16 ? 1.2 : 1),
    memory: gib * 2 ** 30,
    kld: kld + (kvCache === "q4_0" ? 0.06 : kvCache === "q8_0" ? 0.001 : 0),
  }
}

interface Bench {
  /** Coefficient of variation of a trial. */
  readonly noise: number
  readonly seed: string
  readonly truthOf?: typeof truth
  readonly refuse?: (variant: Variant, stage: string) => string | undefined
}

/** Answers a search with noisy measurements, and keeps what was requested. */
const drive = (plan: TunePlan, { noise, refuse = () => undefined, seed, truthOf = truth }: Bench) => {
  const draw = seeded(seed)
  // The sum of twelve uniform numbers, less six: nearly normal.
  const around = (value: number) => value * (1 + noise * (Array.from({ length: 12 }, draw).reduce((a, b) => a + b) - 6))
  const requests: Array<TryRequest> = []
  const answer = (request: TryRequest): TryReply => {
    requests.push(request)
    if (request.kind === "loss")
      return {
        loss: new Map(
          request.variants.map((variant) => {
            const { kld } = truthOf(variant)
            return [variantKey(variant), { value: { value: kld, low: 0.9 * kld, high: 1.1 * kld } }]
          }),
        ),
      }
    return {
      trials: new Map<string, Known<Trials>>(
        request.variants.map((variant) => {
          const why = refuse(variant, request.stage)
          if (why !== undefined) return [variantKey(variant), { absent: why }]
          const of = truthOf(variant)
          const times = (value: number) => Array.from({ length: request.trials }, () => around(value))
          return [
            variantKey(variant),
            { value: { decode: times(of.decode), ttft: times(of.ttft), memory: times(of.memory) } },
          ]
        }),
      ),
    }
  }
  const run = search(plan)
  let step = run.next()
  while (step.done !== true) step = run.next(answer(step.value))
  return { outcome: step.value, requests }
}

const trialsOf = (requests: ReadonlyArray<TryRequest>): number =>
  requests.reduce((sum, one) => sum + (one.kind === "trials" ? one.trials * one.variants.length : 0), 0)

/** The best variant of a full sweep, by the truth. */
const swept = (plan: TunePlan): Variant => {
  const all = plan.knobs.reduce<ReadonlyArray<Variant>>(
    (variants, { name, values }) =>
      variants.flatMap((variant) => values.map((value) => ({ ...variant, [name]: value }))),
    [{}],
  )
  const good = all.filter((variant) => {
    const { decode, kld, ttft } = truth(variant)
    return decode >= plan.goal.decode! && ttft <= plan.goal.ttft! && 1.1 * kld <= plan.goal.kld!
  })
  return good.reduce((best, next) => (truth(next).decode > truth(best).decode * 1.000_001 ? next : best))
}

const decodeOf = ({ best }: Outcome): number => truth(best!.variant).decode

describe("the search", () => {
  it("finds what a full sweep finds, in fewer trials, at several levels of noise", () => {
    const sweep = swept(PLAN)
    for (const noise of [0, 0.01, 0.03])
      for (const seed of ["a", "b", "c", "d"]) {
        const { outcome, requests } = drive(PLAN, { noise, seed })
        assert.strictEqual(decodeOf(outcome), truth(sweep).decode, `${noise} ${seed}`)
        assert.deepInclude(outcome.best!.variant, { quantization: "Q4_K_M", threads: 4 })
        assert.deepStrictEqual(outcome.best!.misses, [])
        assert.isTrue(outcome.beats)
        assert.isBelow(trialsOf(requests), 4 * 3 * 3 * 3 * 10)
      }
  })

  it("is the same for the same results, and takes no more than it announces", () => {
    const [first, second] = [0, 1].map(() => drive(PLAN, { noise: 0.03, seed: "same" }))
    assert.deepStrictEqual(first, second)
    const cost = costOf(PLAN)
    assert.isAtMost(trialsOf(first!.requests), cost.trials)
    const losses = first!.requests.flatMap((one) => (one.kind === "loss" ? one.variants : []))
    assert.isAtMost(losses.length, cost.losses)
  })

  it("ends with the next best where the best one fails at last: the others were measured beside it", () => {
    const { outcome } = drive(PLAN, { noise: 0, seed: "late" })
    const best = variantKey(outcome.best!.variant)
    const refuse = (variant: Variant, stage: string) =>
      stage === "last" && variantKey(variant) === best ? "it crashed" : undefined
    const { outcome: late } = drive(PLAN, { noise: 0, seed: "late", refuse })
    assert.deepStrictEqual(late.best!.variant, outcome.runnerUp!.variant)
    assert.isDefined(late.defaults)
  })

  it("ends with the runner-up where the last comparison finds it better than what the steps had led to", () => {
    // The first rounds are disturbed: what is slower seems faster, and threads seem to bring nothing.
    let isLast = false
    const { outcome } = drive(
      { ...PLAN, knobs: PLAN.knobs.filter(({ name }) => name === "threads" || name === "quantization") },
      {
        noise: 0.01,
        seed: "late",
        refuse: (_, stage) => {
          isLast = stage === "last"
          return undefined
        },
        truthOf: (variant) => ({
          ...truth(variant),
          ...(isLast ? {} : { decode: BITS[variant["quantization"]!]!.speed }),
        }),
      },
    )
    assert.strictEqual(outcome.best?.variant["threads"], 4)
    assert.strictEqual(outcome.overtaken?.variant["threads"], DEFAULT)
    assert.strictEqual(outcome.overtaken?.gain.word, "better")
    assert.strictEqual(outcome.runnerUp?.variant["threads"], DEFAULT)
    assert.isTrue(outcome.beats)
  })

  it("takes what is nearer to the goal, though it is no better in what is missed most", () => {
    const plan: TunePlan = {
      ...PLAN,
      knobs: [{ name: "ubatch", values: [DEFAULT, 1024], lossy: false }],
      goal: { decode: 50, ttft: 200 },
    }
    const truthOf = ({ ubatch }: Variant) => ({ decode: 25, ttft: ubatch === 1024 ? 150 : 300, memory: 1, kld: 0 })
    const { outcome } = drive(plan, { noise: 0.001, seed: "near", truthOf })
    assert.deepStrictEqual(outcome.best!.variant, { ubatch: 1024 })
    assert.deepStrictEqual(
      outcome.best!.misses.map(({ figure }) => figure),
      ["decode"],
    )
  })

  it("leaves a knob alone that brings nothing, and does not confuse noise with a gain", () => {
    const flat = { knobs: [PLAN.knobs[2]!], goal: {}, prefer: "decode", rungs: [2, 3, 5], last: PLAN.last } as const
    const same = () => ({ decode: 50, ttft: 400, memory: 2 ** 30, kld: 0 })
    const wrong = Array.from({ length: 200 }, (_, n) =>
      drive(flat, { noise: 0.05, seed: `${n}`, truthOf: same }),
    ).filter(({ outcome }) => outcome.best!.variant["threads"] !== DEFAULT)
    assert.isAtMost(wrong.length, 20, "one in twenty would be promised, without the halving before")
    const { outcome } = drive(flat, { noise: 0.05, seed: "one", truthOf: same })
    assert.isFalse(outcome.beats)
    assert.deepStrictEqual(outcome.gains, [])
  })

  it("measures the loss of what changes answers alone, and runs nothing that is over the budget", () => {
    const { outcome, requests } = drive(PLAN, { noise: 0.01, seed: "loss" })
    const run = requests.flatMap((one) => (one.kind === "trials" ? one.variants : []))
    assert.isFalse(run.some(({ kvCache, quantization }) => quantization === "Q2_K" || kvCache === "q4_0"))
    const [first] = outcome.steps
    assert.match(first!.dropped.find(({ variant }) => variant["quantization"] === "Q2_K")!.why, /KL divergence 0\.4/)
    const losses = requests.flatMap((one) => (one.kind === "loss" ? one.variants : []))
    assert.isTrue(losses.every(({ threads, ubatch }) => threads === DEFAULT && ubatch === DEFAULT))
  })

  it("says what each step bought, with its interval", () => {
    const { outcome } = drive(PLAN, { noise: 0.02, seed: "steps" })
    const { gain } = outcome.steps[0]!
    assert.strictEqual(gain!.figure, "decode")
    assert.isTrue(gain!.ratio!.low! <= 3 && 3 <= gain!.ratio!.high!, JSON.stringify(gain))
    const total = outcome.gains.find(({ figure }) => figure === "decode")!.ratio!
    assert.isTrue(total.low! <= 3.45 && 3.45 <= total.high!, JSON.stringify(total))
  })

  it("ends with the nearest where the goal can't be met", () => {
    const { outcome } = drive({ ...PLAN, goal: { ...PLAN.goal, decode: 1000 } }, { noise: 0.01, seed: "far" })
    assert.deepInclude(outcome.best!.variant, { quantization: "Q4_K_M", threads: 4 })
    assert.deepStrictEqual(
      outcome.best!.misses.map(({ figure, goal }) => ({ figure, goal })),
      [{ figure: "decode", goal: 1000 }],
    )
  })

  it("meets a bound before it looks for more of what is preferred", () => {
    const goal = { ttft: 400 }
    const { outcome } = drive({ ...PLAN, goal }, { noise: 0.01, seed: "ttft" })
    assert.strictEqual(outcome.best!.variant["ubatch"], 1024)
    assert.deepStrictEqual(outcome.best!.misses, [])
  })

  it("prefers what it is requested to: the least memory, or the least loss", () => {
    const least = drive({ ...PLAN, prefer: "memory" }, { noise: 0.001, seed: "memory" })
    assert.strictEqual(least.outcome.best!.variant["quantization"], "Q4_K_M")
    const best = drive({ ...PLAN, prefer: "kld" }, { noise: 0.01, seed: "kld" })
    assert.strictEqual(best.outcome.best!.variant["quantization"], "Q8_0", "F16 is too slow, Q8_0 loses least")
  })

  it("goes around what does not fit, the defaults included", () => {
    const refuse = ({ quantization }: Variant) =>
      quantization === "F16" || quantization === "Q8_0" ? "needs 9 GiB, of 6" : undefined
    const { outcome } = drive(PLAN, { noise: 0.01, seed: "fit", refuse })
    assert.strictEqual(outcome.best!.variant["quantization"], "Q4_K_M")
    assert.isUndefined(outcome.defaults)
    assert.isTrue(outcome.steps[0]!.dropped.some(({ why }) => why === "needs 9 GiB, of 6"))
    const none = drive(PLAN, { noise: 0, seed: "none", refuse: () => "no room" })
    assert.isUndefined(none.outcome.best)
    assert.isFalse(none.outcome.beats)
  })
})
