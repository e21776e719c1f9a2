import { Crashed, type Reason, Refused, Unsupported } from "@rigbook/core"
import type { HttpFailure } from "@rigbook/core/engine"
import { Option, Schema } from "effect"

/** The body of vLLM's refusals. */
const Refusal = Schema.fromJsonString(
  Schema.Struct({
    error: Schema.Struct({ message: Schema.String, type: Schema.optionalKey(Schema.NullOr(Schema.String)) }),
  }),
)
const decode = Schema.decodeUnknownOption(Refusal)

/** vLLM still answers for some seconds after its engine has died, and then ends: its exit gives the reason. */
export const isDying = ({ detail, status }: HttpFailure): boolean =>
  status === undefined || status === 503 || /EngineCore encountered an issue|EngineDeadError/.test(detail)

/** What a failed request to a living vLLM means. Pure. */
export const httpReason = (failure: HttpFailure): Reason => {
  const { detail, path, status } = failure
  const said = Option.getOrUndefined(decode(detail))?.error.message ?? detail
  if (status === undefined && !detail.startsWith("sent an error"))
    return new Crashed({
      detail: `vLLM broke off ${path}: ${detail}.`,
      fix: "Read the engine's log. Run the cell again.",
    })
  if (/maximum context length|max_model_len|longer than the maximum model length/.test(said))
    return new Refused({
      detail: `The request is too long for vLLM: ${said}`,
      fix: "Raise `maxModelLen` in backends.vllm, or request fewer tokens.",
      ...(status === undefined ? {} : { status }),
    })
  if (status === 404)
    return new Unsupported({
      detail: `vLLM does not offer ${path} for this model: ${said}.`,
      fix: "Check the model's task.",
    })
  return new Refused({
    detail: `vLLM refuses ${path}: ${said}.`,
    fix: "Read the engine's log for the reason.",
    ...(status === undefined ? {} : { status }),
  })
}
