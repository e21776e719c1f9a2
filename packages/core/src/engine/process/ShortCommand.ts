import { Effect, Schema } from "effect"
import { existsSync } from "node:fs"
import { constants } from "node:os"
import { delimiter, resolve } from "node:path"
import type { Exit } from "../../Failing.ts"
import { guarded, guardEnvironment } from "./Guard.ts"

/** A short command that could not be run, or ended with an exit code other than 0. */
export class CommandFailed extends Schema.TaggedError<CommandFailed>()("CommandFailed", {
  command: Schema.String,
  /** The program does not exist. */
  missing: Schema.Boolean,
  exitCode: Schema.optionalKey(Schema.Int),
  /** The signal that ended it, such as `SIGILL`. */
  signal: Schema.optionalKey(Schema.String),
  /** It did not end in this time, and was ended. */
  timedOutMs: Schema.optionalKey(Schema.Finite),
  /** It wrote more than `MOST_OUTPUT` characters, and was ended. */
  tooMuchOutput: Schema.optionalKey(Schema.Literal(true)),
  output: Schema.String,
}) {
  get exit(): Exit {
    return "failed"
  }

  override get message(): string {
    if (this.missing) return `${this.command}: no such program`
    if (this.timedOutMs !== undefined) return `${this.command} did not end within ${this.timedOutMs / 1000} s`
    if (this.tooMuchOutput === true) return `${this.command} wrote more than ${MOST_OUTPUT} characters`
    return `${this.command} ended with ${this.exitCode === undefined ? (this.signal ?? "a signal") : `exit code ${this.exitCode}`}`
  }
}

/** Characters of output, on each of standard output and error: a longer one ends the command. */
const MOST_OUTPUT = 16 * 2 ** 20

/** How a short command is run. */
export interface ShortCommandOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly timeoutMs?: number
  /** Given to the command as its standard input. */
  readonly input?: string
  /**
   * Runs it under a guard, so that it ends when this process is killed: for what takes minutes. A program that does not
   * exist is then exit code 127.
   */
  readonly guarded?: boolean
  /** Called for each line of output as it arrives. */
  readonly onLine?: (line: string) => void
}

/**
 * Runs a short command (a probe, an install) to its end, without a shell: what it wrote on standard output and error.
 * Fails with `CommandFailed` if it can't be started, ends with a code other than 0, or takes too long. What it leaves
 * running in its group is ended.
 */
export const shortCommand = (
  command: string,
  args: ReadonlyArray<string>,
  options: ShortCommandOptions = {},
): Effect.Effect<{ readonly stdout: string; readonly stderr: string }, CommandFailed> =>
  Effect.callback((resume, signal) => {
    const timeoutMs = options.timeoutMs ?? 30_000
    const run = async () => {
      if (options.guarded !== true && !isFound(command, options))
        return Effect.fail(new CommandFailed({ command, missing: true, output: "" }))
      const { execa } = await import("execa") // takes 60 ms, needed only to run a command
      const started = options.guarded === true ? guarded(command, args, "fd3") : { command, args }
      const child = execa(started.command, started.args, {
        cancelSignal: signal,
        killDescendants: true,
        forceKillAfterDelay: 2_000,
        timeout: timeoutMs,
        // The last is the guard's tether.
        stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe", options.guarded ? "pipe" : "ignore"],
        ...(options.input === undefined ? {} : { input: options.input }),
        reject: false,
        all: true,
        maxBuffer: MOST_OUTPUT,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...options.env, ...(options.guarded === true ? guardEnvironment() : {}) },
        extendEnv: options.env === undefined,
      })
      if (options.onLine !== undefined) for await (const line of child.iterable({ from: "all" })) options.onLine(line)
      const result = await child
      if (child.pid !== undefined) endGroup(child.pid)
      if (!result.failed) return Effect.succeed({ stdout: result.stdout, stderr: result.stderr })
      const name = result.signal ?? (options.guarded === true ? signalOf(result.exitCode) : undefined)
      return Effect.fail(
        new CommandFailed({
          command,
          missing: result.code === "ENOENT",
          ...(result.exitCode === undefined || name !== undefined ? {} : { exitCode: result.exitCode }),
          ...(name === undefined ? {} : { signal: name }),
          ...(result.timedOut ? { timedOutMs: timeoutMs } : {}),
          ...(result.isMaxBuffer ? { tooMuchOutput: true } : {}),
          output: result.all ?? "",
        }),
      )
    }
    const ended = run().then(resume, (cause: unknown) => resume(Effect.die(cause)))
    return Effect.promise(() => ended) // an interruption waits until the command has ended
  })

/**
 * Whether the system would find a program. Most machines are without the tools of most vendors, and a process that can't
 * start costs as much as one that does. Windows adds extensions of its own: there it is tried.
 */
const isFound = (command: string, { cwd = ".", env }: ShortCommandOptions): boolean =>
  process.platform === "win32" ||
  command.includes("/") ||
  ((env ?? process.env)["PATH"] ?? "/bin:/usr/bin")
    .split(delimiter)
    .some((folder) => existsSync(resolve(cwd, folder, command)))

/** The signal that ended a command, from the exit code of its guard, a shell. */
const signalOf = (exitCode = 0): string | undefined =>
  Object.entries(constants.signals).find(([, number]) => number === exitCode - 128)?.[0]

/** What a command left in its group when it ended, such as a background child that keeps no pipe open. */
const endGroup = (group: number): void => {
  try {
    process.kill(-group, "SIGKILL")
  } catch {
    // Nothing is left, which is usual.
  }
}
