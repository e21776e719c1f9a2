import type { Completion, EngineTimings } from "@rigbook/core"
import type { OwnServer, ServerServices } from "@rigbook/core/engine"
import { Effect, Option, Schema } from "effect"
import { serverArguments } from "./Arguments.ts"
import { nameDevices } from "./Devices.ts"
import { effectiveOf, Props } from "./Effective.ts"
import { failureOf } from "./Failure.ts"
import { httpReason } from "./HttpReason.ts"
import type { NamedDevice } from "./NameListed.ts"
import type { Options } from "./Options.ts"
import { environmentOf } from "./Program.ts"
import { findProgram } from "./Runtime.ts"
import { inferredShortage } from "./Shortage.ts"

const decodeProps = Schema.decodeUnknownEffect(Props)

/** llama-server, for one model. */
export const server: OwnServer<Options, ReadonlyArray<NamedDevice>, Props, ServerServices> = {
  name: "llama-server",
  refusesLonger: true,
  command: Effect.fn("Server.command")(function* (input) {
    const { config: options, files, model, nonce, placement, port, task } = input
    const program = yield* findProgram(options)
    const { devices, env } = yield* nameDevices(program, input)
    return {
      command: program.path,
      args: serverArguments({ options, task, file: files.path, model, placement, devices, port, nonce }),
      env: environmentOf(program, env),
      context: devices,
    }
  }),
  prove: (client, nonce) =>
    client.getJson("/health").pipe(
      Effect.andThen(client.getJson("/props")),
      Effect.flatMap(decodeProps),
      Effect.filterOrFail(
        ({ model_alias: alias }) => alias === nonce,
        () => "another server",
      ),
    ),
  effective: ({ context, log, proof }) => Effect.succeed(effectiveOf(log, proof, context)),
  port: ({ port }) => port,
  logged: /all slots are idle|listening on http/,
  // Greedy, exactly as many tokens as requested, and each prompt computed from scratch, unless it continues the one before.
  body: ({ conversation, natural = false }) => ({
    cache_prompt: (conversation?.turn ?? 0) > 0,
    ignore_eos: !natural,
    temperature: 0,
    seed: 1,
  }),
  completion: (completion, last) => withTimings(completion, last["timings"]),
  slots: ({ parallel }) => ["parallel", parallel],
  reasons: {
    ended: ({ exitCode, log, shortage }) => failureOf(exitCode, log, shortage),
    refused: httpReason,
    inferred: ({ ceilings, exitCode, input: { config: options, model, placement, task }, log }) =>
      inferredShortage({ exitCode, log, model, options, task, placement, ceilings }),
    missing: "Check `binary` in backends.llamacpp, or remove it and run `rigbook setup llamacpp`.",
  },
}

const Timings = Schema.Struct({
  cache_n: Schema.optionalKey(Schema.Int),
  prompt_n: Schema.Int,
  prompt_ms: Schema.Finite,
  predicted_n: Schema.Int,
  predicted_ms: Schema.Finite,
  // Of speculative decoding, if it drafted anything.
  draft_n: Schema.optionalKey(Schema.Int),
  draft_n_accepted: Schema.optionalKey(Schema.Int),
})
const decodeTimings = Schema.decodeUnknownOption(Timings)

const withTimings = (completion: Completion, reported: unknown): Completion => {
  const timings = Option.getOrUndefined(decodeTimings(reported))
  if (timings === undefined) return completion
  const { cache_n: cachedTokens, draft_n: draftedTokens, draft_n_accepted: acceptedTokens } = timings
  return {
    ...completion,
    ...(cachedTokens === undefined ? {} : { cachedTokens }),
    ...(draftedTokens === undefined ? {} : { draftedTokens }),
    ...(acceptedTokens === undefined ? {} : { acceptedTokens }),
    timings: engineTimings(timings),
  }
}

/** The first token is sampled from the prompt's own pass, so `predicted_ms` does not include it. */
const engineTimings = (timings: typeof Timings.Type): EngineTimings => ({
  promptTokens: timings.prompt_n,
  promptMs: timings.prompt_ms,
  decodeTokens: Math.max(0, timings.predicted_n - 1),
  decodeMs: timings.predicted_ms,
})
