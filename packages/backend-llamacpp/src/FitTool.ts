import { type AskInput, scenarioTask, type ReportedDemand } from "@rigbook/core"
import { type CommandFailed, shortCommand } from "@rigbook/core/engine"
import { Effect, type FileSystem } from "effect"
import { basename, dirname, join } from "node:path"
import { fitArguments } from "./Arguments.ts"
import { type Named, nameDevices, type Naming } from "./Devices.ts"
import { fitDemand, type FitRow, HOST } from "./FitDemand.ts"
import type { Options } from "./Options.ts"
import { environmentOf, type Program, versionIn } from "./Program.ts"
import { isExecutable, pathOf } from "./Programs.ts"
import { findProgram } from "./Runtime.ts"

const TOOL = "llama-fit-params"
const TIMEOUT_MS = 20_000

/** The lines that `llama-fit-params -fitp on` prints: device, weights, context and compute, in MiB. */
export const parseFit = (output: string): ReadonlyArray<FitRow> =>
  [...output.matchAll(/^(\w+) (\d+) (\d+) (\d+) *$/gm)].map(([, device, model, context, compute]) => ({
    device: device!,
    model: Number(model),
    context: Number(context),
    compute: Number(compute),
  }))

/** The tool's answer, or why there is none. */
type Answer<A> = A | { readonly absent: string }

/** The same program, model and arguments give the same answer: each is run once per process. */
const once = <A>() => {
  const known = new Map<string, Answer<A>>()
  return (key: string, ask: Effect.Effect<Answer<A>>): Effect.Effect<Answer<A>> =>
    Effect.suspend(() => {
      const answer = known.get(key)
      return answer !== undefined
        ? Effect.succeed(answer)
        : Effect.tap(ask, (said) => Effect.sync(() => known.set(key, said)))
    })
}
const versions = once<{ readonly version: string }>()
const answers = once<{ readonly rows: ReadonlyArray<FitRow> }>()
const namings = once<Named | { readonly refused: string }>()

/**
 * Whether the llama-server to run finds the devices, and what they need by llama.cpp's own fit tool, found beside it or
 * on PATH: of the same version, since figures change from build to build. It reads only the model's header.
 */
export const askDemand: (input: AskInput<Options>) => Effect.Effect<ReportedDemand, never, FileSystem.FileSystem> =
  Effect.fn("FitTool.askDemand")(function* (input) {
    const { config, files, model, placement, runtime, scenario, visible } = input
    const task = scenarioTask(scenario)
    const server = yield* Effect.result(findProgram(config))
    if (server._tag === "Failure") return { absent: server.failure.reason.detail }
    const named = yield* namings(JSON.stringify([server.success, placement, visible]), name(server.success, input))
    if (!("devices" in named)) return named
    if (task === "embed") return { absent: `${TOOL} does not support embedding` }
    if (placement.strategy === "row" || placement.strategy === "tensor")
      return { absent: `${TOOL} does not support strategy ${placement.strategy}` }
    const tool = toolOf(server.success)
    if (tool === undefined) return { absent: `${TOOL} is neither beside ${basename(server.success.path)} nor on PATH` }
    const version = yield* versions(tool.path, versionOf(tool))
    if ("absent" in version) return version
    if (version.version !== runtime.version)
      return { absent: `${tool.path} has version ${version.version}, llama-server ${runtime.version}` }
    const { devices, env } = named
    const args = fitArguments({ options: config, task, file: files.path, model, placement, devices })
    const key = JSON.stringify([tool.path, version.version, model.sha256, env, ...args])
    const names = [...devices.map(({ name }) => name), HOST]
    const answer = yield* answers(key, fit(tool, args, env, names))
    if ("absent" in answer) return answer
    return { by: `${TOOL} ${version.version}`, demand: fitDemand(input, devices, answer.rows) }
  })

/** The devices by llama.cpp's names; or why it can't be placed there, as opening the model would report. */
const name = (server: Program, naming: Naming) =>
  nameDevices(server, naming).pipe(
    Effect.match({
      onSuccess: (named) => named,
      onFailure: ({ reason }) => ({ refused: `${reason.detail} ${reason.fix}` }),
    }),
  )

/** Beside the server, with its libraries; else on PATH. */
const toolOf = (server: Program): Program | undefined => {
  const beside = join(dirname(server.path), TOOL)
  if (isExecutable(beside)) return { ...server, path: beside }
  const onPath = pathOf(TOOL)
  return onPath === undefined ? undefined : { path: onPath, origin: "path", librariesBeside: false }
}

const versionOf = (tool: Program) =>
  run(tool, ["--version"], {}).pipe(
    Effect.map(({ stderr, stdout }) => versionIn(`${stderr}\n${stdout}`)),
    Effect.map((version) => (version === undefined ? { absent: `${tool.path} reports no version` } : { version })),
    Effect.catch((cause) => Effect.succeed({ absent: failed(cause) })),
  )

/** Rows for all of `names`, or nothing: half an answer would look like a small demand. */
const fit = (tool: Program, args: ReadonlyArray<string>, env: Named["env"], names: ReadonlyArray<string>) =>
  run(tool, args, env).pipe(
    Effect.map(({ stdout }) => {
      const rows = parseFit(stdout)
      const missing = names.filter((name) => !rows.some(({ device }) => device === name))
      return missing.length === 0 ? { rows } : { absent: `${tool.path} does not report ${missing.join(" and ")}` }
    }),
    Effect.catch((cause) => Effect.succeed({ absent: failed(cause) })),
  )

/** Without the backtrace that llama.cpp prints, by a debugger, when it aborts. */
const run = (tool: Program, args: ReadonlyArray<string>, env: Named["env"]) =>
  shortCommand(tool.path, args, {
    env: { ...environmentOf(tool, env), GGML_NO_BACKTRACE: "1" },
    timeoutMs: TIMEOUT_MS,
  })

/** Such as `llama-fit-params ended with exit code 1: error: invalid argument: --no-such`. */
const failed = (cause: CommandFailed): string => {
  const said = cause.output.split("\n").find((line) => /\berror\b|what\(\)/i.test(line))
  return `${cause.message}${said === undefined ? "" : `: ${said.trim()}`}`
}
