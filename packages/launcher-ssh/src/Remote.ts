import { HostAway, LaunchError } from "@rigbook/core"
import { Effect, FileSystem, Schema } from "effect"
import { execa } from "execa"
import { join } from "node:path"

/** Commands on the other machine, over one connection that is kept for all of them. */
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
}

/** What ssh itself ends with if the connection fails or breaks. */
const BROKEN = 255

/** Failures that trying again would not help. */
const FINAL =
  /permission denied|host key verification failed|could not resolve|bad configuration option|no such identity/i

/** Opens the connection. It is closed with the scope. */
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
  const options = [
    "BatchMode=yes",
    "ControlMaster=auto",
    `ControlPath=${join(folder, "c")}`,
    "ControlPersist=60",
    "ConnectTimeout=15",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
  ].flatMap((option) => ["-o", option])
  const argsOf = (command: ReadonlyArray<string>) => [...options, address, "--", command.map(quoted).join(" ")]
  yield* Effect.addFinalizer(() =>
    Effect.promise(() => execa("ssh", [...options, "-O", "exit", address], { reject: false, stdio: "ignore" })),
  )
  const checked = Effect.fnUntraced(function* (start: (signal: AbortSignal) => Promise<Ended>) {
    const ended = yield* Effect.promise(start)
    if (ended.exitCode === 0) return ended.stdout
    const said = ended.stderr.trim().split("\n").at(-1)?.replaceAll(address, "its address") || "it says nothing."
    if (ended.exitCode === undefined)
      return yield* new LaunchError({ host, detail: "ssh can't be started here.", fix: "Install OpenSSH's client." })
    if (ended.exitCode !== BROKEN)
      return yield* new LaunchError({ host, detail: `a command failed there: ${said}`, fix: "Try it with ssh." })
    return FINAL.test(ended.stderr)
      ? yield* new LaunchError({
          host,
          detail: `ssh can't log in: ${said}`,
          fix: "Make `ssh` work without a question first.",
        })
      : yield* new HostAway({
          host,
          detail: `it can't be reached: ${said}`,
          fix: "Units run on there: run the same command again.",
        })
  })
  const remote: Remote = {
    run: (command, input = "") =>
      checked((cancelSignal) => execa("ssh", argsOf(command), { input, reject: false, cancelSignal })),
    push: (from, files, to, compressed = true) =>
      Effect.asVoid(
        checked((cancelSignal) =>
          execa("tar", ["-C", from, compressed ? "-chzf" : "-chf", "-", "-T", "-"], {
            input: files.map((file) => `./${file}`).join("\n"),
            reject: false,
            cancelSignal,
            buffer: { stdout: false },
          })
            .pipe("ssh", argsOf(["tar", "-C", to, compressed ? "-xzf" : "-xf", "-"]), { reject: false, cancelSignal })
            .then((there) =>
              there.exitCode === 0 ? ofHere(there.pipedFrom[0] as Ended | undefined, there) : ofTar(there),
            ),
        ),
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
  }
  return remote
})

interface Ended {
  readonly exitCode?: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** The end of a copy whose other side ended well: of `tar` here, if that failed. */
const ofHere = (here: Ended | undefined, there: Ended): Ended =>
  here === undefined || here.exitCode === 0
    ? { ...there, stdout: "" }
    : { exitCode: 1, stdout: "", stderr: `tar on this machine: ${tarCause(here.stderr) ?? here.stderr.trim()}` }

const ofTar = (ended: Ended): Ended => ({ ...ended, stderr: tarCause(ended.stderr) ?? ended.stderr })

/** What tar, or its gzip, says first: the cause. Its last line says only that there was one. */
export const tarCause = (stderr: string): string | undefined =>
  stderr.split("\n").find((line) => /^(gzip|tar): /.test(line))

/** A word for any shell that people log in with. */
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Decodes what the agent answers. One that answers something else is another version's. */
export const decoded =
  <A>(host: string, schema: Schema.Codec<A, unknown>) =>
  (text: string): Effect.Effect<A, LaunchError> =>
    Effect.mapError(
      Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text),
      ({ message }) =>
        new LaunchError({ host, detail: `its answer is no answer: ${message.split("\n")[0]}.`, fix: "Report it." }),
    )
