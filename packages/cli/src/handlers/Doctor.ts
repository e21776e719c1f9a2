import { captureHost } from "@rigbook/core"
import { Effect, Result, Schema } from "effect"
import { styleText } from "node:util"
import type { ActionOf } from "../Action.ts"
import { backends } from "../Backends.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"

/** Shows what can run here. Exit code 1 when an engine is missing. */
export const doctor = Effect.fn("Doctor.doctor")(function* ({ json }: ActionOf<"doctor">) {
  const host = yield* captureHost
  const engines = yield* Effect.forEach(backends.ids, (id) =>
    Effect.gen(function* () {
      const backend = (yield* backends.get(id))!
      const config = Schema.decodeUnknownResult(backend.config)({})
      if (Result.isFailure(config))
        return { backend: id, ok: false as const, problem: "Its options have no defaults.", fix: "Try a config." }
      const runtime = yield* Effect.result(backend.probe(config.success))
      return Result.match(runtime, {
        onSuccess: (found) => ({ backend: id, ok: true as const, runtime: found }),
        onFailure: ({ reason }) => ({ backend: id, ok: false as const, problem: reason.detail, fix: reason.fix }),
      })
    }),
  )
  if (json) yield* printJson({ host, engines })
  else {
    const gib = (bytes: number | undefined): string =>
      bytes === undefined ? "–" : `${(bytes / 2 ** 30).toFixed(1)} GiB`
    yield* print(
      [
        `${host.os}, ${host.kernel}`,
        "",
        table(
          ["device", "name", "memory", "free"],
          host.devices.map(({ freeBytes, id, memoryBytes, name }) => [id, name, gib(memoryBytes), gib(freeBytes)]),
        ),
        "",
        table(
          ["backend", "", "engine"],
          engines.map((engine) =>
            engine.ok
              ? [
                  engine.backend,
                  styleText("green", "ready"),
                  `${engine.runtime.program} ${engine.runtime.version} (${engine.runtime.origin})`,
                ]
              : [engine.backend, styleText("red", "missing"), `${engine.problem} ${engine.fix}`],
          ),
        ),
      ].join("\n"),
    )
  }
  return engines.every(({ ok }) => ok) ? EXIT.done : EXIT.failed
})
