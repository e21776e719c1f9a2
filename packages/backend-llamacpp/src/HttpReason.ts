import { Crashed, type Reason, Refused, Unsupported } from "@rigbook/core"
import type { HttpFailure } from "@rigbook/core/engine"
import { Option, Schema } from "effect"

/** The body of llama-server's refusals. */
const Refusal = Schema.fromJsonString(
  Schema.Struct({
    error: Schema.Struct({
      message: Schema.String,
      type: Schema.optionalKey(Schema.String),
      n_prompt_tokens: Schema.optionalKey(Schema.Int),
      n_ctx: Schema.optionalKey(Schema.Int),
    }),
  }),
)
const decode = Schema.decodeUnknownOption(Refusal)

/** What a failed request to a living llama-server means. Pure. */
export const httpReason = (failure: HttpFailure): Reason => {
  const refusal = Option.getOrUndefined(decode(failure.detail))?.error
  const status = failure.status === undefined ? {} : { status: failure.status }
  if (refusal?.type === "exceed_context_size_error")
    return new Refused({
      detail: `The prompt has ${refusal.n_prompt_tokens} tokens (n_prompt_tokens), the context holds ${refusal.n_ctx} (n_ctx).`,
      fix: "Raise `context` in backends.llamacpp, or request fewer tokens.",
      ...status,
    })
  if (refusal?.type === "not_supported_error")
    return new Unsupported({
      detail: `llama-server does not support this: ${refusal.message}.`,
      fix: "Check the model's task.",
    })
  if (refusal !== undefined || failure.status !== undefined || failure.detail.startsWith("sent an error"))
    return new Refused({
      detail: `llama-server refuses ${failure.path}: ${refusal?.message ?? failure.detail}.`,
      fix: "Read the engine's log for the reason.",
      ...status,
    })
  return new Crashed({
    detail: `llama-server broke off ${failure.path}: ${failure.detail}.`,
    fix: "Read the engine's log. Run the cell again.",
  })
}
