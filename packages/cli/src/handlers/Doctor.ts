import { DEVICE_FIELDS, type DeviceReading } from "@rigbook/core"
import { captureHost, deviceMasks, DeviceSources, maskText, readDevices } from "@rigbook/runner"
import { Effect, Result, Schema } from "effect"
import { styleText } from "node:util"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { table } from "../output/Table.ts"
import { installedBackends } from "../Plugins.ts"
import { usedBackends } from "./UsedBackends.ts"

/**
 * Shows what can run here. Exit code 1 if an engine is missing that the workspace's configs use, or outside a workspace
 * any.
 */
export const doctor = Effect.fn("Doctor.doctor")(function* ({ json }: ActionOf<"doctor">) {
  const host = yield* captureHost
  const masks = yield* deviceMasks
  // A workspace without a config uses none yet.
  const used = yield* Effect.catchTag(usedBackends, "Failure", () => Effect.succeed<ReadonlyArray<string>>([]))
  const backends = yield* installedBackends
  const engines = yield* Effect.forEach(backends.ids, (id) =>
    Effect.gen(function* () {
      const loaded = yield* Effect.result(backends.get(id))
      if (Result.isFailure(loaded)) {
        const { detail, fix, plugin } = loaded.failure
        return {
          backend: id,
          used: used.includes(id),
          ok: false as const,
          problem: `Plugin ${plugin}: ${detail}`,
          fix,
        }
      }
      const backend = loaded.success!
      const config = Schema.decodeUnknownResult(backend.config)({})
      // What only a config's options state, such as a server's address, is checked when that config is planned.
      const entry = { backend: id, used: used.includes(id) && Result.isSuccess(config) }
      if (Result.isFailure(config))
        return {
          ...entry,
          ok: false as const,
          problem: "The engine depends on a config's options.",
          fix: "Check it with `rigbook plan`.",
        }
      const runtime = yield* Effect.result(backend.probe(config.success))
      return Result.match(runtime, {
        onSuccess: (found) => ({ ...entry, ok: true as const, runtime: found }),
        onFailure: ({ reason }) => ({ ...entry, ok: false as const, problem: reason.detail, fix: reason.fix }),
      })
    }),
  )
  const telemetry = yield* watchDevices
  if (json) yield* printJson({ host, masks, engines, telemetry })
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
        ...masks.flatMap((mask) => maskText(mask) ?? []),
        "",
        ...telemetryLines(telemetry),
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
              : [
                  engine.backend,
                  engine.used ? styleText("red", "missing") : styleText("dim", "not used"),
                  `${engine.problem} ${engine.fix}`,
                ],
          ),
        ),
      ].join("\n"),
    )
  }
  return engines.every((engine) => engine.ok || !engine.used) ? EXIT.done : EXIT.failed
})

/** One reading of each GPU, by what can read it here, and what can't. */
const watchDevices = Effect.gen(function* () {
  const open = yield* yield* DeviceSources
  return {
    sources: open.sources.map(({ name }) => name),
    problems: open.problems,
    devices: readDevices(open),
  }
}).pipe(Effect.scoped)

interface Telemetry {
  readonly sources: ReadonlyArray<string>
  readonly problems: ReadonlyArray<string>
  readonly devices: ReadonlyArray<DeviceReading>
}

const telemetryLines = ({ devices, problems, sources }: Telemetry): ReadonlyArray<string> => {
  if (devices.length === 0) return [`Telemetry of GPUs: none (${problems.join("; ")})`]
  return [
    `Telemetry of GPUs by ${sources.join(" and ")}:`,
    table(
      ["device", "reported", "not reported"],
      devices.map(({ absent, device, values }) => [
        device,
        DEVICE_FIELDS.filter((field) => field in values).join(", "),
        DEVICE_FIELDS.flatMap((field) => (absent[field] === undefined ? [] : [`${field} (${absent[field]})`])).join(
          ", ",
        ),
      ]),
    ),
  ]
}
