import { NodeServices } from "@effect/platform-node"
import { assert, it } from "@effect/vitest"
import { llamacpp } from "@rigbook/backend-llamacpp"
import { vllm } from "@rigbook/backend-vllm"
import { type AnyBackend, CPU, type ModelFiles, Placement } from "@rigbook/core"
import { freePort } from "@rigbook/core/engine"
import { fetchModel } from "@rigbook/core/models"
import { fakeHost } from "@rigbook/testkit"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { SMOLLM2_SOURCE } from "../packages/backend-llamacpp/test/smollm2Source.ts"

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

/** A server of the backend's, and a way to ask what a session has no use for. */
const serving = Effect.fnUntraced(function* (
  backend: AnyBackend<NodeServices.NodeServices>,
  files: ModelFiles,
  options: object,
) {
  const fs = yield* FileSystem.FileSystem
  const port = yield* freePort
  const config = yield* Schema.decodeUnknownEffect(backend.config)({ ...options, port })
  yield* backend.open({
    config,
    runtime: yield* backend.probe(config),
    files,
    model: yield* backend.inspect(files),
    task: "generate",
    placement: new Placement({ strategy: "cpu", devices: [CPU] }),
    host: fakeHost(),
    visible: {},
    logFile: join(yield* fs.makeTempDirectoryScoped(), "engine.log"),
    openTimeoutMs: 600_000,
  })
  return <A>(schema: Schema.Codec<A, unknown>, path: string, body: object) =>
    Effect.promise(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      })
      const json = await answer.text()
      assert.isTrue(answer.ok, json)
      return Schema.decodeUnknownSync(Schema.fromJsonString(schema))(json)
    })
})

/** The share of places at which two lists hold the same. */
const agreement = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number =>
  a.filter((token, at) => token === b[at]).length / a.length

it.live("weights unpacked for vLLM foresee the same tokens as the packed ones in llama.cpp", () =>
  Effect.gen(function* () {
    yield* llamacpp.machine!.setup!
    const runtime = yield* vllm.machine!.setup!
    const packed = yield* fetchModel("SmolLM2", SMOLLM2_SOURCE, "/")
    const askLlama = yield* serving(llamacpp, packed, { context: 512, threads: 1 })
    const { tokens } = yield* askLlama(Tokens, "/tokenize", { content: TEXT, add_special: false })
    const ends = Array.from({ length: tokens.length - FIRST }, (_, index) => FIRST + index)
    const theirs = yield* Effect.forEach(ends, (end) =>
      askLlama(Completed, "/completion", {
        prompt: tokens.slice(0, end),
        n_predict: 1,
        temperature: 0,
        return_tokens: true,
      }),
    )

    const unpacked = yield* vllm.files!.prepare(packed, runtime)
    const options = { dtype: "float32", enforceEager: true, kvCacheBytes: 2 ** 26, maxSequences: 8, maxModelLen: 512 }
    const askVllm = yield* serving(vllm, unpacked, options)
    const own = yield* askVllm(Tokens, "/tokenize", { prompt: TEXT, add_special_tokens: false })
    assert.deepStrictEqual(own.tokens, tokens)
    const {
      choices: [{ prompt_logprobs: candidates }],
    } = yield* askVllm(Prompted, "/v1/completions", { prompt: tokens, max_tokens: 1, prompt_logprobs: 1 })
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
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
)
