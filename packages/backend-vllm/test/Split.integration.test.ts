import { assert, describe } from "@effect/vitest"
import { placementName, Protocol } from "@rigbook/core"
import { openAiClient } from "@rigbook/core/engine"
import { runTrial } from "@rigbook/runner"
import { Effect, Exit, Schema, Scope } from "effect"
import { vllm } from "../src/Vllm.ts"
import { onCpuIn } from "./Model.ts"
import { groupMembers, live, portOf, silent, status, workersOf } from "./live.ts"
import { SMALL, tinyInput } from "./TinyModel.ts"

describe("vllm in several processes", () => {
  live(
    "splits the model between two processes, each on a core of its own, and makes vectors; a deadline ends what a frozen one would have hanging, and no process is left",
    () =>
      Effect.gen(function* () {
        const input = yield* tinyInput({ ...SMALL, threads: "0|1" }, "embed", onCpuIn(2))
        const scope = yield* Scope.make()
        const session = yield* vllm.open(input).pipe(Scope.provide(scope))
        const wanted = vllm.placement!.requested!(input.config, input.placement)
        assert.deepInclude(session.effective.settings, { ...wanted, tensorParallel: 2, worldSize: 2, cores: "0|1" })
        assert.property(session.effective.settings, "kvCacheBlocks")
        assert.strictEqual(placementName(input.placement), "tensor: cpu (2 processes)")
        assert.deepStrictEqual(
          session.effective.buffers.map(({ bytes }) => bytes),
          [2 ** 26, 2 ** 26],
        )
        const workers = workersOf(session)
        assert.deepStrictEqual(workers.map(({ pid }) => status(pid, "Cpus_allowed_list")).toSorted(), ["0", "1"])
        const request = { task: "embed", texts: ["w1 w2", "w3", "w4 w5 w6"], batchSize: 2 } as const
        const completion = yield* session.send(request, silent)
        assert.deepStrictEqual(completion, {
          vectors: { count: 3, dimensions: 128 },
          inputTokens: 6,
          truncated: { documents: 0, tokens: 0 },
        })
        // It cuts nothing: a text that is too long is refused.
        const long = yield* Effect.flip(session.send({ ...request, texts: ["w1 ".repeat(9_000)] }, silent))
        assert.strictEqual(long.reason._tag, "Refused")
        const many = yield* Effect.flip(session.send({ ...request, batchSize: 9 }, silent))
        assert.strictEqual(many.reason._tag, "Unsupported")

        const frozen = workers.find(({ args }) => args.includes("Worker_TP1"))
        process.kill(frozen!.pid, "SIGSTOP")
        const { error, sample } = yield* runTrial({
          backend: vllm.id,
          session,
          requests: [{ prompt: 0, request }],
          protocol: { ...Schema.decodeSync(Protocol)({}), requestTimeoutMs: 3_000 },
          trial: 0,
          phase: "measured",
          opening: 0,
          loadMs: 0,
        })
        assert.deepInclude(error?.reason, { _tag: "TimedOut", afterMs: 3_000 })
        assert.deepStrictEqual(
          sample.requests.map(({ outcome }) => outcome),
          ["timeout"],
        )
        assert.includeMembers(
          (sample.memory.processes ?? []).map(({ name }) => name),
          ["VLLM::Worker_TP0", "VLLM::Worker_TP1", "VLLM::EngineCore"],
        )
        // Nothing but the deadline could tell: all processes are there, and the server finds itself healthy.
        assert.strictEqual(status(frozen!.pid, "State"), "T (stopped)")
        const client = yield* openAiClient(portOf(session))
        yield* client.getText("/health")
        yield* Scope.close(scope, Exit.void)
        assert.deepStrictEqual(groupMembers(session.pids[0]!), [])
      }),
  )
})
