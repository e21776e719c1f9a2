import { Script } from "node:vm"

/** Where the script finds what it calls: it has no arguments. */
const CALL = Symbol.for("rigbook.bounded")
const script = new Script(`globalThis[Symbol.for("rigbook.bounded")]()`)

/**
 * Calls a function of a plugin and ends it if it takes longer than `ms`, even in an endless loop: V8's own watchdog does
 * so, from a thread of its own. What the function left to do later is not bounded. Throws an error that says the limit.
 */
export const bounded = <A>(ms: number, call: () => A): A => {
  const home = globalThis as { [CALL]?: () => A }
  home[CALL] = call
  try {
    return script.runInThisContext({ timeout: ms, displayErrors: false }) as A
  } catch (error) {
    throw (error as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT" ? tooLong(ms) : error
  } finally {
    delete home[CALL]
  }
}

/** How all limits of time are reported. */
export const tooLong = (ms: number): Error => new Error(`it did not end within ${ms / 1000} s`)
