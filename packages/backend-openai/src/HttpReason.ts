import { Crashed, type Reason, Refused, Unsupported } from "@rigbook/core"
import type { HttpFailure } from "@rigbook/core/engine"
import { Option, Schema } from "effect"
import { shown } from "./Endpoint.ts"
import type { Options } from "./Options.ts"

const decode = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Struct({ error: Schema.Struct({ message: Schema.String }) })),
)

/** The server's own words in a refusal, without the token. */
export const saidIn = (options: Options, { detail }: HttpFailure): string =>
  shown(options, Option.getOrUndefined(decode(detail))?.error.message ?? detail)

/** What a request that failed means. */
export const httpReason = (options: Options, failure: HttpFailure): Reason => {
  const did =
    failure.status === undefined && failure.kind !== "wrong-type"
      ? "broke off"
      : failure.status === undefined || failure.status === 200
        ? "sends an unusable answer to"
        : `refuses (HTTP ${failure.status})`
  const detail = `${options.url} ${did} ${failure.path}: ${saidIn(options, failure)}.`
  const { status } = failure
  switch (status) {
    case undefined:
      if (failure.kind === "wrong-type") return new Unsupported({ detail, fix: READ_WAY })
      return failure.kind === "error-event"
        ? new Refused({ detail, fix: READ_LOG })
        : new Crashed({ detail, fix: `Check whether the server still runs. ${READ_LOG}` })
    case 401:
    case 403:
      return new Refused({
        detail,
        fix: `Set tokenEnv in backends.openai, and check the token in that variable.`,
        status,
      })
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
      return new Refused({
        detail,
        fix: "Set url in backends.openai to the address that it redirects to, if that is your server.",
        status,
      })
    case 404:
    case 405:
    case 501:
      return new Unsupported({
        detail,
        fix: "Check the config's task and `model`, and what the server was started for.",
      })
    case 429:
    case 503:
      return new Refused({
        detail,
        fix: "It is loading its model, or overloaded: `rigbook run` waits for it, up to protocol.openTimeoutMs.",
        status,
      })
    default:
      return new Refused({ detail, fix: READ_LOG, status })
  }
}

const READ_WAY = "Set url to the server itself, or let what stands before it pass answers on as they are."
const READ_LOG = "Its own log, on the machine where it was started, says more."
