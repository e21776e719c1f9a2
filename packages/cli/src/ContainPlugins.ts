import { loadedPlugins, pluginInStack, reasonOf } from "@rigbook/runner"
import { defectOf, reportDefect } from "./Defect.ts"
import { EXIT } from "./Failure.ts"
import { keepStdout } from "./output/Stdout.ts"

/**
 * Contains what plugins may do in this process: what they print leaves the answer intact, they can't end the program,
 * and a promise that they leave behind, or an error in a timer, is reported in a line while the command continues.
 */
export const containPlugins = (): void => {
  keepStdout()
  for (const name of ["exit", "reallyExit", "abort"] as const) preventEnd(name)
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.removeAllListeners(event) // until now nothing of a plugin was there
    process.on(event, (error: unknown) => leftBehind(error))
  }
}

/** Frames by which a plugin is found, also below a library that it calls. */
const FRAMES = 50

const preventEnd = (name: "exit" | "reallyExit" | "abort"): void => {
  const ends = process as unknown as Record<typeof name, (...args: ReadonlyArray<unknown>) => unknown>
  const end = ends[name].bind(process)
  ends[name] = (...args) => {
    const usual = Error.stackTraceLimit
    Error.stackTraceLimit = FRAMES
    const { stack } = new Error()
    Error.stackTraceLimit = usual
    if (isPluginsCall(stack)) throw new Error(`it calls process.${name}()`)
    return end(...args)
  }
}

/** Whether a plugin is nearer to a call than this program, which may also end in a callback of a plugin. */
const isPluginsCall = (stack = ""): boolean => {
  const callers = stack.split("\n").slice(2) // after the message and this module
  const own = callers.findIndex((line) => line.includes(import.meta.dirname))
  return pluginInStack(callers.slice(0, own < 0 ? undefined : own).join("\n")) !== undefined
}

/** Reports an error that nothing handles: a plugin's in one line; one of Rigbook itself ends the program. */
const leftBehind = (error: unknown): void => {
  const stack = error instanceof Error ? error.stack : undefined
  const plugin = pluginInStack(stack)
  const others = loadedPlugins().filter((name) => !name.startsWith("@rigbook/"))
  const isOurs = stack?.includes(import.meta.dirname) ?? false
  if (plugin === undefined && (isOurs || others.length === 0)) {
    process.stderr.write(`${reportDefect(defectOf(error), process.argv[2] ?? "")}\n`)
    process.exit(EXIT.failed)
  }
  const who = plugin ?? others.join(" or ")
  process.stderr.write(
    `Plugin ${who}: it left an error behind that nothing handles: ${reasonOf(error)}. Report it to its author.\n`,
  )
}
