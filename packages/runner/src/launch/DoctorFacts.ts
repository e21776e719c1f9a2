import { Host, type HostFacts, Runtime, VERSION } from "@rigbook/core"
import { Effect, Schema } from "effect"

const Doctor = Schema.fromJsonString(
  Schema.Struct({
    host: Host,
    engines: Schema.Array(
      Schema.Union([
        Schema.Struct({ backend: Schema.String, ok: Schema.Literal(true), runtime: Runtime }),
        Schema.Struct({
          backend: Schema.String,
          ok: Schema.Literal(false),
          problem: Schema.String,
          fix: Schema.String,
        }),
      ]),
    ),
  }),
)
const decode = Schema.decodeEffect(Doctor)

/**
 * What a machine reports of itself, from what `rigbook doctor --json` printed there; what is printed before it, such as by
 * login files, is left out. Fails with `SchemaError` if it is something else.
 */
export const doctorFacts = (
  printed: string,
): Effect.Effect<Omit<HostFacts, "nodes" | "gpuTypes">, Schema.SchemaError> =>
  Effect.map(decode(printed.slice(Math.max(0, printed.indexOf("{")))), ({ engines, host }) => ({
    rigbook: VERSION,
    host,
    engines: Object.fromEntries(
      engines.map((engine) => [
        engine.backend,
        engine.ok ? { runtime: engine.runtime } : { absent: `${engine.problem} ${engine.fix}` },
      ]),
    ),
  }))
