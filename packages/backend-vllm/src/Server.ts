import { CPU, report, TimedOut, unitNodes, Unsupported } from "@rigbook/core"
import { freePort, type OwnServer } from "@rigbook/core/engine"
import { Effect, Schema } from "effect"
import { readFileSync } from "node:fs"
import { availableParallelism } from "node:os"
import { nodeArguments, serverArguments, type ServerInput } from "./Arguments.ts"
import { draftCounts, effectiveOf } from "./Effective.ts"
import { coresIn, serverEnvironment } from "./Environment.ts"
import { failureOf, firstExitCode, pidsIn, shortOfMemory } from "./Failure.ts"
import { httpReason, isDying } from "./HttpReason.ts"
import { meetingOf } from "./Nodes.ts"
import type { Options } from "./Options.ts"
import { fail, SETUP } from "./Program.ts"
import { socketFolder } from "./Sockets.ts"

/** vLLM's server, for one model, with all its workers. */
export const server: OwnServer<Options, void, number, never> = {
  name: "vLLM",
  refusesLonger: true,
  command: Effect.fn("Server.command")(function* (input) {
    const { config, files, model, nonce, placement, port, runtime, task } = input
    if (placement.devices[0] !== CPU && runtime.version.endsWith("+cpu"))
      return yield* fail(
        new Unsupported({
          detail: `vLLM ${runtime.version} is built for the processor, but the placement names a GPU.`,
          fix: "Place the model on cpu, or name a vLLM built for CUDA as `vllm`.",
        }),
      )
    const unit = placement.nodes === undefined ? undefined : yield* unitOf(placement.nodes)
    const meeting = meetingOf(config, placement, unit)
    const words: ServerInput = { options: config, task, folder: files.path, model, placement, port, nonce, meeting }
    const cores = yield* allowedCores
    const elsewhere = nodeArguments(words)
    if (unit === undefined)
      yield* Effect.forEach(elsewhere, (each, index) =>
        report({ step: `vLLM on ${meeting!.others[index]!}`, detail: `waiting for: vllm ${each.join(" ")}` }),
      )
    const parts = (unit?.nodes.others.slice(0, elsewhere.length) ?? []).map(({ address, name, start }, index) => ({
      node: name,
      command: start[0],
      args: [...start.slice(1), runtime.path, ...elsewhere[index]!],
      // Which GPUs there are is known there.
      env: serverEnvironment(config, { placement, visible: {} }, cores, address),
    }))
    const sockets = yield* socketFolder
    return {
      command: runtime.path,
      args: serverArguments(words),
      env: {
        ...serverEnvironment(config, input, cores, meeting?.address),
        ...(sockets === undefined ? {} : { VLLM_RPC_BASE_PATH: sockets }),
      },
      context: undefined,
      parts,
    }
  }),
  prove: (client, nonce) =>
    client.getText("/health").pipe(
      Effect.andThen(client.getJson("/v1/models")),
      Effect.flatMap(decodeModels),
      Effect.flatMap(({ data }) => Effect.fromNullishOr(data.find(({ id }) => id === nonce))),
      Effect.map(({ max_model_len: length }) => length),
    ),
  effective: Effect.fn("Server.effective")(function* ({ client, input, log, proof: maxModelLen }) {
    const { version } = yield* client.getJson("/version").pipe(
      Effect.flatMap(decodeVersion),
      Effect.orElseSucceed(() => input.runtime),
    )
    const metrics = yield* client.getText("/metrics")
    return effectiveOf({ log, maxModelLen, version, metrics }, input.placement)
  }),
  port: ({ port }) => port,
  keepAlive: true,
  // Greedy, exactly as many tokens as requested, and each chunk with the count of tokens so far.
  // With prefixCaching, a conversation finds its own turns in the cache, and no other's.
  body: ({ conversation, natural = false, outputTokens }) => ({
    ...(conversation === undefined ? {} : { cache_salt: conversation.id }),
    ...(natural ? {} : { min_tokens: outputTokens, ignore_eos: true }),
    temperature: 0,
    seed: 1,
    stream_options: { include_usage: true, continuous_usage_stats: true },
  }),
  drafts: (client, { speculation }) =>
    speculation === undefined ? undefined : Effect.map(client.getText("/metrics"), draftCounts),
  slots: ({ maxSequences }) => ["maxSequences", maxSequences],
  reasons: {
    ended: ({ exitCode, log, shortage }) => failureOf(exitCode, log, shortage),
    refused: httpReason,
    // A server may wait forever for a process that the kernel killed.
    unready: (afterMs, shortage) =>
      shortage === undefined
        ? new TimedOut({
            detail: `vLLM was not ready after ${afterMs} ms.`,
            fix: "Raise protocol.openTimeoutMs, set enforceEager, or read in the engine's log what it waits for.",
            afterMs,
          })
        : shortOfMemory(` was not ready after ${afterMs} ms`, shortage),
    // A server whose engine has died answers with errors for some seconds: then its exit is the reason, not they.
    dying: (failure) => (isDying(failure) ? 15 : undefined),
    first: (exitCode, log) => ({ exitCode: firstExitCode(exitCode, log), pids: pidsIn(log) }),
    missing: SETUP,
  },
}

/** The machines of the unit that runs here, and a free port of this one. */
const unitOf = Effect.fnUntraced(function* (count: number) {
  const nodes = unitNodes()
  if (nodes === undefined || nodes.others.length < count - 1)
    return yield* fail(
      new Unsupported({
        detail: `The placement needs ${count} machines, and this unit has ${1 + (nodes?.others.length ?? 0)}.`,
        fix: "Run it on a cluster, whose launcher gives a unit several machines.",
      }),
    )
  return { nodes, port: yield* freePort }
})

/** Cores that this process may use, as many as its share of the processor allows. */
const allowedCores: Effect.Effect<ReadonlyArray<number>> = Effect.sync(() => {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? ""
    return coresIn(list).slice(0, availableParallelism())
  } catch {
    return Array.from({ length: availableParallelism() }, (_, core) => core)
  }
})

const decodeVersion = Schema.decodeUnknownEffect(Schema.Struct({ version: Schema.String }))
const decodeModels = Schema.decodeUnknownEffect(
  Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String, max_model_len: Schema.Int })) }),
)
