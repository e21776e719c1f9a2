import { type AnyBackend, BackendError, backendError, Crashed, type ModelFiles, PluginError } from "@rigbook/core"
import { Effect, Predicate, Schema } from "effect"
import { pluginThrew } from "./PluginThrew.ts"

/**
 * Longest wait for what a plan needs of a plugin: a little longer than a short command may take, whose own error says
 * more. Rigbook's own backends limit each command that they run: vLLM may take minutes to report its version.
 */
const LONGEST_MS = 33_000

/** Members that a plan waits for. A whole model may take minutes to read or to prepare, its headers may not. */
const LIMITED: ReadonlySet<string> = new Set(["probe", "prepared", "check", "unusable", "served", "servers"])

/** Members that fail with `BackendError`: one engine is then missing, and the plan continues. */
const FAILING: ReadonlySet<string> = new Set(["probe", "inspect", "prepare", "prepared", "served"])

type AnyEffect = Effect.Effect<unknown, unknown, unknown>
type Inspect = (files: ModelFiles) => AnyEffect

/**
 * A backend whose planning can neither wait forever nor end the program: what its code throws is named as the plugin's.
 * `open` is left as it is: a run keeps its own deadlines, and writes the stack into the cell's log.
 */
export const guardBackend = <R>(plugin: string, backend: AnyBackend<R>, longestMs = LONGEST_MS): AnyBackend<R> => {
  const limitMs = plugin.startsWith("@rigbook/") ? Infinity : longestMs
  const fail = backendError(backend.id)

  /** `waitMs`: how long it was allowed to wait beside. */
  const guardEffect = (name: string, effect: AnyEffect, isLimited: boolean, waitMs = 0): AnyEffect => {
    const duration = limitMs + waitMs
    const ended =
      isLimited && limitMs !== Infinity
        ? Effect.timeoutOrElse(effect, { duration, orElse: () => Effect.die(late(plugin, name, duration)) })
        : effect
    const named = Effect.catchDefect(ended, (defect) => Effect.die(pluginThrew(plugin, name, defect)))
    if (!FAILING.has(name)) return named
    return named.pipe(
      Effect.catch((error) =>
        error instanceof BackendError ? Effect.fail(error) : Effect.die(pluginThrew(plugin, name, error)),
      ),
      Effect.catchDefect((defect) => {
        const { detail, fix } = pluginThrew(plugin, name, defect)
        return Effect.fail(fail(new Crashed({ detail: `Plugin ${plugin}: ${detail}`, fix })))
      }),
    )
  }

  /** Headers first, whose reading is limited. */
  const inspect = (call: Inspect, files: ModelFiles): AnyEffect => {
    const inTime = guardEffect(
      "inspect",
      Effect.suspend(() => call({ ...files, headersOnly: true })),
      true,
    )
    if (files.headersOnly === true) return inTime
    const whole = guardEffect(
      "inspect",
      Effect.suspend(() => call(files)),
      false,
    )
    return limitMs === Infinity ? whole : Effect.andThen(inTime, whole)
  }

  const guard = (name: string, value: unknown): unknown => {
    if (Effect.isEffect(value)) return guardEffect(name, value as AnyEffect, LIMITED.has(name))
    if (Array.isArray(value)) return value.map((each) => guard(name, each))
    if (typeof value === "function" && !Schema.isSchema(value))
      return (...args: ReadonlyArray<unknown>): unknown => {
        const call = (...given: ReadonlyArray<unknown>): unknown => Reflect.apply(value, undefined, given)
        if (name === "inspect") return inspect(call as Inspect, args[0] as ModelFiles)
        if (FAILING.has(name))
          return guardEffect(
            name,
            Effect.suspend(() => call(...args) as AnyEffect),
            LIMITED.has(name),
            name === "probe" ? waitOf(args[1]) : 0,
          )
        try {
          const result = call(...args)
          return Effect.isEffect(result) ? guardEffect(name, result as AnyEffect, LIMITED.has(name)) : result
        } catch (cause) {
          throw pluginThrew(plugin, name, cause)
        }
      }
    if (!Predicate.isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, guard(key, member)]))
  }

  const { config, open, ...members } = backend
  return { ...(guard("backend", members) as typeof members), config, open }
}

const waitOf = (options: unknown): number =>
  Predicate.hasProperty(options, "waitMs") && Predicate.isNumber(options.waitMs) ? options.waitMs : 0

const late = (plugin: string, name: string, limitMs: number): PluginError =>
  new PluginError({
    plugin,
    detail: `its ${name} did not end within ${limitMs / 1000} s.`,
    fix: "Report it to its author.",
  })
