import { Effect, Predicate, Schema } from "effect"
import { isDeepStrictEqual } from "node:util"
import type { Backend, Session } from "./Backend.ts"
import { cleanText } from "./CleanText.ts"
import { ServedModel } from "./model/ServedModel.ts"
import { BackendError } from "./runtime/BackendError.ts"
import { EngineIdentity } from "./runtime/EngineIdentity.ts"
import { RequestFailed } from "./runtime/RequestFailed.ts"
import { Effective, Runtime } from "./runtime/Runtime.ts"

const cleanValue = (value: unknown): unknown => {
  if (typeof value === "string") return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), cleanValue(inner)]))
}

/** Cleans each text of a value, by the form that it is stored in. What has no such form is left to whoever stores it. */
const cleaned = <A, I>(schema: Schema.Codec<A, I>) => {
  const encode = Schema.encodeUnknownOption(schema)
  const decode = Schema.decodeUnknownOption(schema)
  return (value: A): A => {
    const stored = encode(value)
    if (stored._tag === "None") return value
    const clean = cleanValue(stored.value)
    if (isDeepStrictEqual(clean, stored.value)) return value
    const made = decode(clean)
    return made._tag === "Some" ? made.value : value
  }
}

const runtime = cleaned(Runtime)
const effective = cleaned(Effective)
const identity = cleaned(EngineIdentity)
const servedModel = cleaned(ServedModel)
const backendError = cleaned(BackendError)
const requestFailed = cleaned(RequestFailed)

const failure = <E extends BackendError | RequestFailed>(error: E): E =>
  (error instanceof BackendError
    ? backendError(error)
    : error instanceof RequestFailed
      ? requestFailed(error)
      : error) as E

/** Members are called on the session itself: an author may write a class. */
const session = (open: Session): Session => {
  const { diverge, drafts, identify, ...needed }: { readonly [K in keyof Required<Session>]: Session[K] } = {
    pids: open.pids,
    effective: effective(open.effective),
    send: (request, observer) => Effect.mapError(open.send(request, observer), failure),
    diverge: open.diverge && ((request) => Effect.mapError(open.diverge!(request), failure)),
    drafts: open.drafts && Effect.mapError(open.drafts, failure),
    identify: open.identify && Effect.map(open.identify, identity),
  }
  return { ...needed, ...(diverge && { diverge }), ...(drafts && { drafts }), ...(identify && { identify }) }
}

/** A backend whose engine's words are cleaned where they come in, so that all that is made of them is clean. */
export const cleanBackend = <Config, R>({
  open,
  probe,
  served,
}: Pick<Backend<Config, R>, "open" | "probe" | "served">): Pick<Backend<Config, R>, "open" | "probe" | "served"> => ({
  open: (input) => Effect.mapBoth(open(input), { onFailure: failure, onSuccess: session }),
  probe: (config, options) => Effect.mapBoth(probe(config, options), { onFailure: failure, onSuccess: runtime }),
  ...(served === undefined
    ? {}
    : { served: (config: Config) => Effect.mapBoth(served(config), { onFailure: failure, onSuccess: servedModel }) }),
})
