import { type HostAway, LaunchError } from "@rigbook/core"
import { Effect, FileSystem, Schema, type Scope } from "effect"
import { execa } from "execa"
import { join } from "node:path"
import { linesOf } from "./Lines.ts"
import { type Ended, failureOf, HERE } from "./SshEnd.ts"

/** Commands on the other machine, over the connection of its dialogue while there is one, else each over its own. */
export interface Remote {
  /** Runs a command with this input and returns its output. Words are passed as they are, whatever is in them. */
  readonly run: (command: ReadonlyArray<string>, input?: string) => Effect.Effect<string, LaunchError | HostAway>
  /** Copies files of a folder here into a folder there, compressed on the way unless they are already. */
  readonly push: (
    from: string,
    files: ReadonlyArray<string>,
    to: string,
    compressed?: boolean,
  ) => Effect.Effect<void, LaunchError | HostAway>
  /** Copies folders of a folder there into a folder here. */
  readonly pull: (from: string, files: ReadonlyArray<string>, to: string) => Effect.Effect<void, LaunchError | HostAway>
  /** Starts a command that answers lines with lines. Its connection is that of all other commands, and ends with the scope. */
  readonly talk: (command: ReadonlyArray<string>) => Effect.Effect<Dialogue, never, Scope.Scope>
}

/** A command on the other machine that runs on. */
export interface Dialogue {
  /** Sends it a line. Nothing happens if it has ended. */
  readonly write: (line: string) => void
  /** The next line that it prints; fails with why if it has ended. */
  readonly read: Effect.Effect<string, LaunchError | HostAway>
}

/** Checks an address, and prepares connections to it. */
export const openRemote = Effect.fn("Remote.openRemote")(function* (host: string, address: string) {
  if (address.startsWith("-") || /[\s']/.test(address))
    return yield* new LaunchError({
      host,
      detail: "its address is no address of ssh.",
      fix: "Write it as user@box, ssh://user@box:port, or as a name of your ssh config.",
    })
  const fs = yield* FileSystem.FileSystem
  // The path of a socket may have some 100 characters, of which ssh takes 17: temporary folders are longer on a Mac.
  const folder = yield* Effect.orDie(fs.makeTempDirectoryScoped({ directory: "/tmp", prefix: "rigbook-" }))
  const socket = join(folder, "c")
  const argsOf = (command: ReadonlyArray<string>, master: "yes" | "no" = "no") => [
    ...[
      "BatchMode=yes",
      // A connection of the user's own configuration would outlive this program.
      `ControlMaster=${master}`,
      `ControlPath=${socket}`,
      "ControlPersist=no",
      "ConnectTimeout=15",
      "ServerAliveInterval=15",
      "ServerAliveCountMax=3",
    ].flatMap((option) => ["-o", option]),
    address,
    "--",
    command.map(quoted).join(" "),
  ]
  const checked = Effect.fnUntraced(function* (start: (signal: AbortSignal) => Promise<Ended>) {
    const ended = yield* Effect.promise(start)
    if (ended.exitCode === 0) return ended.stdout
    return yield* failureOf(host, address, ended)
  })
  const remote: Remote = {
    run: (command, input = "") =>
      checked((cancelSignal) => execa("ssh", argsOf(command), { input, reject: false, cancelSignal })),
    push: (from, files, to, compressed = true) =>
      Effect.asVoid(
        checked((cancelSignal) =>
          execa("tar", ["-C", from, compressed ? "-chzf" : "-chf", "-", "-T", "-"], {
            input: files.map((file) => `./${file}`).join("\n"),
            env: { LANGUAGE: "en" }, // or it reports a file that changed in the user's
            reject: false,
            cancelSignal,
            buffer: { stdout: false },
          })
            .pipe("ssh", argsOf(["tar", "-C", to, compressed ? "-xzf" : "-xf", "-"]), { reject: false, cancelSignal })
            .then((there) =>
              there.exitCode === 0 ? ofHere(there.pipedFrom[0] as Ended | undefined, there) : ofTar(there),
            ),
        ).pipe(Effect.retry({ times: 3, while: ({ detail }) => CHANGED.test(detail) })),
      ),
    pull: (from, files, to) =>
      Effect.asVoid(
        checked((cancelSignal) =>
          execa("ssh", argsOf(["tar", "-C", from, "-czf", "-", ...files]), {
            reject: false,
            cancelSignal,
            buffer: { stdout: false },
          })
            .pipe("tar", ["-C", to, "-xzf", "-"], { reject: false, cancelSignal })
            .then((here) => {
              const there = here.pipedFrom[0] as Ended | undefined
              return there?.exitCode === 0 ? ofHere(here, there) : ofTar(there ?? here)
            }),
        ),
      ),
    talk: Effect.fnUntraced(function* (command) {
      // One that was killed leaves its socket, and ssh shares no connection over a path that exists.
      yield* Effect.orDie(fs.remove(socket, { force: true }))
      const talking = execa("ssh", argsOf(command, "yes"), {
        stdin: "pipe",
        reject: false,
        buffer: { stdout: false },
      })
      yield* Effect.addFinalizer(() =>
        Effect.promise(() => {
          talking.kill()
          return talking
        }),
      )
      talking.stdin.on("error", () => {}) // its end is reported by `read`
      const lines = linesOf(talking.iterable({ binary: true }))
      // From the first moment on: what nobody waits for is thrown away.
      let first: ReturnType<typeof lines.next> | undefined = lines.next()
      const next = (): ReturnType<typeof lines.next> => {
        const result = first ?? lines.next()
        first = undefined
        return result
      }
      return {
        write: (line) => void talking.stdin.write(`${line}\n`),
        read: Effect.gen(function* () {
          const line = yield* Effect.tryPromise({
            try: next,
            catch: (cause) => {
              talking.kill() // nobody reads on
              const detail = `what it prints can't be read: ${cause instanceof Error ? cause.message : String(cause)}`
              return new LaunchError({ host, detail, fix: "See what answers there." })
            },
          })
          if (line.done !== true) return line.value
          const { exitCode, signal, stderr } = yield* Effect.promise(() => talking)
          return yield* failureOf(host, address, { exitCode, signal, stdout: "", stderr })
        }),
      }
    }),
  }
  return remote
})

/** The end of a copy whose other side ended well: of `tar` here, if that failed. */
const ofHere = (here: Ended | undefined, there: Ended): Ended =>
  here === undefined || here.exitCode === 0
    ? { ...there, stdout: "" }
    : { exitCode: 1, stdout: "", stderr: `${HERE}${tarCause(here.stderr) ?? here.stderr.trim()}` }

const ofTar = (ended: Ended): Ended => ({ ...ended, stderr: tarCause(ended.stderr) ?? ended.stderr })

/** What tar, or its gzip, says first: the cause. Its last line says only that there was one. */
export const tarCause = (stderr: string): string | undefined =>
  stderr.split("\n").find((line) => /^(gzip|tar): /.test(line))

/**
 * Another program wrote a file while it was read, or only linked it, as an installation does with Node itself: what was
 * copied may mix both.
 */
const CHANGED = /file changed as we read it/

/** A word for any shell that people log in with. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Decodes what the agent answers. */
export const decoded =
  <A>(host: string, schema: Schema.Codec<A, unknown>) =>
  (answer: unknown): Effect.Effect<A, LaunchError> =>
    Effect.mapError(Schema.decodeUnknownEffect(schema)(answer), (cause) => notUnderstood(host, cause))

/** An agent that answers something else is another version's. */
export const notUnderstood = (host: string, { message }: Schema.SchemaError): LaunchError =>
  new LaunchError({ host, detail: `its answer is no answer: ${message.split("\n")[0]}.`, fix: "Report it." })
