import { type HostAway, LaunchError, type LaunchTarget, textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { hostname } from "node:os"
import { join } from "node:path/posix"
import { type Program, programOf } from "./Program.ts"
import { openRemote, type Remote } from "./Remote.ts"

/** What is on the other machine. Paths are absolute there. */
export interface Far {
  readonly host: string
  readonly remote: Remote
  /** Rigbook's folder: programs, units, models and workspaces. */
  readonly home: string
  /** The copy of the workspace: what units need, and the records that they write. */
  readonly root: string
  readonly raw: string
  readonly node: string
  /** The program that is there, as this one is. */
  readonly entry: string
  /** Asks the agent; the answer is JSON. */
  readonly ask: (command: string, input: unknown) => Effect.Effect<string, LaunchError | HostAway>
}

/** Finds a Node that is new enough, what system it is, and what is there already: a line each. */
const LOOK = `umask 077
home="\${XDG_STATE_HOME:-$HOME/.local/state}/rigbook"
mkdir -p "$home/program" "$home/node" "$home/units" "$home/workspaces" "$home/models" || exit 1
printf '%s\\n' "$home" "$(uname -sm)" "$(ls "$home/program" | tr '\\n' ' ')"
for node in "$(command -v node)" "$home"/node/*/node "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.volta/bin/node /usr/local/bin/node /opt/homebrew/bin/node; do
  [ -x "$node" ] && "$node" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 19) ? 0 : 1)' && echo "$node" && break
done
exit 0`

/** Connects to the machine, and brings this program there if it has another one or none. */
export const openFar = Effect.fn("Far.openFar")(function* ({ address, name, program, workspace }: LaunchTarget) {
  const remote = yield* openRemote(name, address)
  const own = programOf(program)
  const looked = (yield* remote.run(["sh", "-c", LOOK])).trim().split("\n")
  const [home, system, programs = "", found] = looked
  if (home === undefined || system === undefined || !home.startsWith("/"))
    return yield* new LaunchError({
      host: name,
      detail: `its shell prints "${looked[0]?.slice(0, 80)}" before a command's output.`,
      fix: "Make its login files print only in a terminal.",
    })
  const node = found ?? (yield* bringNode(remote, { home, host: name, system }))
  const folder = join(home, "program", own.hash)
  if (!programs.split(" ").includes(own.hash)) yield* bringProgram(remote, own, { folder, home, node })
  const root = join(home, "workspaces", textSha256(`${hostname()}\n${workspace.root}`).slice(0, 16))
  const far: Far = {
    host: name,
    remote,
    home,
    root,
    raw: join(root, "benchmarks/results/raw"),
    node,
    entry: join(folder, own.entry),
    ask: (command, input) => remote.run([node, join(folder, own.agent), home, command], JSON.stringify(input)),
  }
  return far
})

/** Sends the Node that runs this, where the other machine is of the same kind. */
const bringNode = Effect.fnUntraced(function* (
  remote: Remote,
  { home, host, system }: { readonly home: string; readonly host: string; readonly system: string },
) {
  const here = `${{ linux: "Linux", darwin: "Darwin" }[process.platform as string]} ${{ x64: "x86_64", arm64: process.platform === "darwin" ? "arm64" : "aarch64" }[process.arch as string]}`
  if (here !== system)
    return yield* new LaunchError({
      host,
      detail: `it has no Node 22.19 or newer, and this machine's (${here}) does not run on ${system}.`,
      fix: "Install Node there.",
    })
  const folder = join(home, "node", process.version)
  const node = join(folder, "node")
  yield* remote.run(["mkdir", "-p", folder])
  const fs = yield* FileSystem.FileSystem
  const staged = yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "rigbook-" }))
  yield* Effect.orDie(fs.symlink(process.execPath, join(staged, "node.new")))
  yield* remote.push(staged, ["node.new"], folder)
  yield* remote.run(["mv", "-f", `${node}.new`, node])
  return node
}, Effect.scoped)

/** Sends the program, and a command by which people call it there. */
const bringProgram = Effect.fnUntraced(function* (
  remote: Remote,
  { entry, hash, stage }: Program,
  { folder, home, node }: { readonly folder: string; readonly home: string; readonly node: string },
) {
  const fs = yield* FileSystem.FileSystem
  const staged = yield* Effect.orDie(fs.makeTempDirectoryScoped({ prefix: "rigbook-" }))
  const files = yield* Effect.sync(() => stage(staged))
  const incoming = `${folder}.new-${process.pid}`
  yield* Effect.orDie(
    fs.writeFileString(join(staged, "rigbook"), `#!/bin/sh\nexec '${node}' '${join(folder, entry)}' "$@"\n`),
  )
  yield* remote.run(["mkdir", "-p", incoming])
  yield* remote.push(staged, [...files, "rigbook"], incoming)
  const install = `chmod 700 "$1/rigbook" && mv -f "$1/rigbook" "$3/rigbook" && { mv -T "$1" "$2" 2>/dev/null || mv "$1" "$2" || [ -d "$2" ]; }; rm -rf "$1"`
  yield* remote.run(["sh", "-c", install, hash, incoming, folder, home])
}, Effect.scoped)
