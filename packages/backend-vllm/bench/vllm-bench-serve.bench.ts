import { NodeServices } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { Protocol } from "@rigbook/core"
import { freePort, openAiClient, shortCommand } from "@rigbook/core/engine"
import { fakeHost } from "@rigbook/testkit"
import { METRICS, valuesOf } from "@rigbook/records"
import { runTrial } from "@rigbook/runner"
import { Effect, FileSystem, Schema } from "effect"
import { join } from "node:path"
import { vllmEnvironment } from "../src/Environment.ts"
import { prepare } from "../src/Unpack.ts"
import { vllm } from "../src/Vllm.ts"
import { onCpu } from "../test/Model.ts"
import { smolLm2 } from "../test/SmolLm2.ts"
import { decodeOptions } from "../test/TinyModel.ts"

const PROMPTS = 4
const OUTPUT_TOKENS = 64
const ROUNDS = 5

/** What both report of a round, by the same definitions: medians over requests, and tokens over the whole time. */
interface Figures {
  readonly ttft: number
  readonly tpot: number
  readonly output_tps: number
}

/** Shares by which ours may differ from theirs; of the time to the first token some milliseconds besides. */
const BOUNDS = {
  output_tps: { title: "output tokens/s", share: 0.03, plus: 0 },
  tpot: { title: "TPOT (ms)", share: 0.03, plus: 0 },
  ttft: { title: "TTFT (ms)", share: 0.05, plus: 3 },
} as const

const decodeFigures = Schema.decodeUnknownEffect(
  Schema.fromJsonString(
    Schema.Struct({
      completed: Schema.Literal(PROMPTS),
      total_output_tokens: Schema.Literal(PROMPTS * OUTPUT_TOKENS),
      median_ttft_ms: Schema.Finite,
      median_tpot_ms: Schema.Finite,
      output_throughput: Schema.Finite,
    }),
  ),
)
const decodeModels = Schema.decodeUnknownEffect(
  Schema.Struct({ data: Schema.NonEmptyArray(Schema.Struct({ id: Schema.String })) }),
)

/** Texts of about 200 tokens; no two begin alike. */
const TEXTS = ["Rivers", "Clocks", "Bridges", "Maps"].map((what) =>
  Array.from({ length: 24 }, (_, line) => `${what} of kind ${line + 1} are described in chapter ${line + 2}.`).join(
    " ",
  ),
)

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

describe("against vllm bench serve", () => {
  it.live(
    "the same prompts to the same server in turns, one stream",
    () =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const { file, runtime } = yield* smolLm2
        const files = yield* prepare(file, runtime)
        const port = yield* freePort
        const folder = yield* fs.makeTempDirectoryScoped()
        const session = yield* vllm.open({
          config: decodeOptions({
            port,
            enforceEager: true,
            dtype: "bfloat16",
            kvCacheBytes: 2 ** 28,
            maxModelLen: 1024,
          }),
          runtime,
          files,
          model: yield* vllm.inspect(files),
          task: "generate",
          placement: onCpu,
          host: fakeHost(),
          visible: {},
          logFile: join(folder, "engine.log"),
          openTimeoutMs: 300_000,
        })
        const client = yield* openAiClient(port)
        const { data } = yield* Effect.flatMap(client.getJson("/v1/models"), decodeModels)
        // The one format of texts that it reads without pandas, which is not among what the server needs.
        const dataset = join(folder, "prompts.json")
        const conversations = TEXTS.map((value) => ({ conversations: [{ value }, { value }] }))
        yield* fs.writeFileString(dataset, JSON.stringify(conversations))

        const theirs = Effect.gen(function* () {
          const flags = {
            "--backend": "openai",
            "--base-url": `http://127.0.0.1:${port}`,
            "--model": data[0].id,
            "--tokenizer": files.path,
            "--dataset-name": "sharegpt",
            "--dataset-path": dataset,
            "--sharegpt-output-len": OUTPUT_TOKENS,
            "--num-prompts": PROMPTS,
            "--num-warmups": 1,
            "--max-concurrency": 1,
            "--temperature": 0,
            "--result-dir": folder,
            "--result-filename": "theirs.json",
          }
          const words = Object.entries(flags).flatMap(([flag, value]) => [flag, `${value}`])
          const switches = ["--disable-shuffle", "--ignore-eos", "--save-result", "--disable-tqdm"]
          yield* shortCommand(runtime.path, ["bench", "serve", ...words, ...switches], {
            env: vllmEnvironment(),
            timeoutMs: 300_000,
          })
          const reported = yield* Effect.flatMap(fs.readFileString(join(folder, "theirs.json")), decodeFigures)
          const figures: Figures = {
            ttft: reported.median_ttft_ms,
            tpot: reported.median_tpot_ms,
            output_tps: reported.output_throughput,
          }
          return figures
        })

        const protocol = Schema.decodeSync(Protocol)({})
        const request = (prompt: number) => ({
          prompt,
          request: { task: "generate", prompt: { text: TEXTS[prompt]! }, outputTokens: OUTPUT_TOKENS } as const,
        })
        const trial = (requests: ReadonlyArray<ReturnType<typeof request>>) =>
          runTrial({
            backend: vllm.id,
            session,
            requests,
            protocol,
            trial: 0,
            phase: "measured",
            opening: 0,
            loadMs: 0,
          })
        const ours = Effect.gen(function* () {
          yield* trial([request(0)])
          const { error, sample } = yield* trial(TEXTS.map((_, prompt) => request(prompt)))
          if (error !== undefined) return yield* error
          const values = valuesOf([sample], METRICS)
          const figure = (id: keyof Figures) => {
            const result = values.find(({ metric }) => metric === id)!.result
            return "summary" in result ? result.summary.median : Number.NaN
          }
          const figures: Figures = { ttft: figure("ttft"), tpot: figure("tpot"), output_tps: figure("output_tps") }
          return figures
        })

        const rounds: Array<{ readonly ours: Figures; readonly theirs: Figures }> = []
        for (let round = 0; round < ROUNDS; round++) {
          rounds.push({ ours: yield* ours, theirs: yield* theirs })
          console.log(`round ${round + 1} of ${ROUNDS}: ${JSON.stringify(rounds.at(-1))}`)
        }
        console.log(
          [
            `${"".padEnd(16)}${["Rigbook", "vllm bench", "ratio", "bound"].map((word) => word.padStart(14)).join("")}`,
            ...(["output_tps", "tpot", "ttft"] as const).map((id) => {
              const { plus, share, title } = BOUNDS[id]
              const a = median(rounds.map((round) => round.ours[id]))
              const b = median(rounds.map((round) => round.theirs[id]))
              const within = Math.abs(a - b) <= Math.max(share * b, plus)
              const bound = `±${100 * share} %${plus === 0 ? "" : ` or ${plus} ms`}`
              const figures = [a.toFixed(2), b.toFixed(2), (a / b).toFixed(4), bound]
              return `${title.padEnd(16)}${figures.map((cell) => cell.padStart(14)).join("")}  ${within ? "within" : "OUTSIDE"}`
            }),
            `medians of ${ROUNDS} rounds in turns, each of ${PROMPTS} prompts × ${OUTPUT_TOKENS} tokens`,
          ].join("\n"),
        )
      }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)),
    900_000,
  )
})
