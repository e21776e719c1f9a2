import { NodeServices } from "@effect/platform-node"
import { afterAll, assert, it } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { openai } from "@rigbook/backend-openai"
import { vllm } from "@rigbook/backend-vllm"
import { fetchModel } from "@rigbook/core/models"
import { checkBackend } from "@rigbook/testkit"
import { Effect, Exit, Schema, Scope } from "effect"
import { SMOLLM2_SOURCE } from "../packages/backend-llamacpp/test/smollm2Source.ts"
import { attached, post, type Serving, serving } from "./servers/serving.ts"

const TEXT = `The harbour was quiet at dawn. Two boats lay at the pier, and a man was mending a net in the light of a lamp. He had
been at sea for most of his life, and he knew the weather by the colour of the sky. When the sun rose over the hills, he put
the net away and went home to his wife and his children.`

/** The first tokens have too little before them to tell what comes next. */
const FIRST = 8

const Tokens = Schema.Struct({ tokens: Schema.Array(Schema.Int) })
const Candidate = Schema.Struct({ rank: Schema.NullOr(Schema.Int) })
/** What vLLM makes of a prompt: for each token but the first the candidates for its place. */
const Prompted = Schema.Struct({
  choices: Schema.Tuple([
    Schema.Struct({
      prompt_logprobs: Schema.Array(Schema.NullOr(Schema.Record(Schema.String, Candidate))),
    }),
  ]),
})
const Completed = Schema.Struct({ tokens: Schema.Tuple([Schema.Int]) })

const scope = Scope.makeUnsafe()
afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))

/** Made when a test needs it first, and there for all that come after. */
const shared = <A, E>(effect: Effect.Effect<A, E, NodeServices.NodeServices | Scope.Scope>): Effect.Effect<A, E> =>
  Effect.runSync(Effect.cached(effect.pipe(Scope.provide(scope), Effect.provide(NodeServices.layer))))

const LLAMA = { context: 512, threads: 1, pooling: "mean" }
// In bfloat16 it may die on some processors, see WorkerDeath.
const VLLM = { dtype: "float32", enforceEager: true, kvCacheBytes: 2 ** 26, maxSequences: 8, maxModelLen: 512 }

const packed = shared(
  Effect.gen(function* () {
    yield* llamacpp.machine!.setup!
    return yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/")
  }),
)
const llamaServer = shared(Effect.flatMap(packed, (files) => serving(llamacpp, "generate", files, LLAMA)))
const vllmServer = shared(
  Effect.gen(function* () {
    const runtime = yield* vllm.machine!.setup!
    return yield* serving(vllm, "generate", yield* vllm.files!.prepare(yield* packed, runtime), VLLM)
  }),
)

/** The share of places at which two lists hold the same. */
const agreement = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.filter((token, at) => token === b[at]).length / a.length

it.live("weights unpacked for vLLM foresee the same tokens as the packed ones in llama.cpp", () =>
  Effect.gen(function* () {
    const llama = yield* llamaServer
    const { tokens } = yield* post(llama, Tokens, "/tokenize", { content: TEXT, add_special: false })
    const ends = Array.from({ length: tokens.length - FIRST }, (_, index) => FIRST + index)
    const theirs = yield* Effect.forEach(ends, (end) =>
      post(llama, Completed, "/completion", {
        prompt: tokens.slice(0, end),
        n_predict: 1,
        temperature: 0,
        return_tokens: true,
      }),
    )

    const unpacked = yield* vllmServer
    const own = yield* post(unpacked, Tokens, "/tokenize", { prompt: TEXT, add_special_tokens: false })
    assert.deepStrictEqual(own.tokens, tokens)
    const {
      choices: [{ prompt_logprobs: candidates }],
    } = yield* post(unpacked, Prompted, "/v1/completions", { prompt: tokens, max_tokens: 1, prompt_logprobs: 1 })
    const likeliest = candidates.map((of) =>
      Number(Object.entries(of ?? {}).find(([, { rank }]) => rank === 1)?.[0] ?? Number.NaN),
    )
    const expected = theirs.map(({ tokens: [token] }) => token)
    const found = ends.map((end) => likeliest[end]!)
    // Both round, each in its own way; what is not the same model agrees by chance, as one shifted by a token does.
    const shares = { same: agreement(expected, found), shifted: agreement(expected.slice(1), found) }
    process.stdout.write(`likeliest next tokens that agree: ${JSON.stringify(shares)} of ${ends.length}\n`)
    assert.isAbove(shares.same, 0.7)
    assert.isBelow(shares.shifted, 0.3)
  }),
)

/** Passes what can be checked; the rest is exactly what stays unknown of another program's server. Ends the server. */
const passes = <E>(
  name: string,
  server: Effect.Effect<Serving, E, NodeServices.NodeServices | Scope.Scope>,
  body: Readonly<Record<string, Schema.Json>>,
): void =>
  it.live(`openai attaches to ${name}`, () =>
    Effect.gen(function* () {
      const started = yield* server
      const { task } = started
      const results = yield* checkBackend(openai, attached(started, body))
      // A server is started for one task: the cases of the other have no model.
      const reported = results
        .filter(({ name }) => name.startsWith(`${task}: `) || !/^(generate|embed): /.test(name))
        .flatMap((result) => (result.outcome === "passed" ? [] : [result]))
      assert.deepStrictEqual(
        reported.map((result) => (result.outcome === "not run" ? `${result.name}: ${result.why}` : result.sentence)),
        [
          `${task}: is on the requested devices: the engine does not report which devices hold the weights`,
          `${task}: reports running processes that were started here: the session reports no process: its memory is not observed`,
          "leaves no process if it is interrupted while it opens: open starts no process",
          "leaves no process when it is closed, even if SIGTERM is ignored: the session reports no process of its own",
          "leaves no port when it is closed: the engine listens on no port of this machine",
          "leaves no child of the engine: give faults.deafChild: options whose engine leaves a child behind, see withDeafChild",
          "reports too little memory as OutOfMemory: give faults.outOfMemory: options or a request that need more memory than there is",
        ],
      )
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
  )

passes("vLLM, to generate", vllmServer, {
  ignore_eos: true,
  stream_options: { include_usage: true, continuous_usage_stats: true },
})
passes("llama-server, to generate", llamaServer, { ignore_eos: true, cache_prompt: false })
passes(
  "llama-server, to embed",
  Effect.flatMap(packed, (files) => serving(llamacpp, "embed", files, LLAMA)),
  {},
)
