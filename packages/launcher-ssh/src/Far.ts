import { LaunchError, type LaunchTarget, textSha256 } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { hostname } from "node:os"
import { join } from "node:path/posix"
import { type AgentClient, connectAgent } from "./AgentClient.ts"
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
  readonly ask: AgentClient["ask"]
}

/**
 * Prints a line each: its folder, what system it is, the programs that are there, and a Node that is new enough. Becomes the
 * agent once it reads where Node and the agent are: so the program is compared, or brought, while this connection is made.
 */
const LOOK = `umask 077
home="\${XDG_STATE_HOME:-$HOME/.local/state}/rigbook"
mkdir -p "$home/program" "$home/node" "$home/units" "$home/workspaces" "$home/models" || exit 1
found=
for node in "$(command -v node)" "$home"/node/*/node "$HOME"/.nvm/versions/node/*/bin/node "$HOME"/.volta/bin/node /usr/local/bin/node /opt/homebrew/bin/node; do
  [ -x "$node" ] || continue
  version=$("$node" --version) && version=\${version#v} && major=\${version%%.*} && rest=\${version#*.} && minor=\${rest%%.*} || continue
  { [ "$major" -gt 22 ] || { [ "$major" -eq 22 ] && [ "$minor" -ge 19 ]; }; } && found=$node && break
done
printf '%s\\n' "$home" "$(uname -sm)" "$(ls "$home/program" | tr '\\n' ' ')" "$found"
IFS= read -r node && IFS= read -r agent && exec "$node" "$agent" "$home"`

/** What is known of the other machine once it has answered. */
type Place = Pick<Far, "home" | "node">

/** Connects to the machine, and brings this program there if it has another one or none. */
export const openFar = Effect.fn("Far.openFar")(function* ({ address, name, program, workspace }: LaunchTarget) {
  const remote = yield* openRemote(name, address)
  let own: Program | undefined
  let place: Place | undefined
  const start = Effect.gen(function* () {
    const dialogue = yield* remote.talk(["sh", "-c", LOOK])
    // Files are read while the connection is made.
    own ??= programOf(program)
    const home = yield* dialogue.read
    if (!home.startsWith("/"))
      return yield* new LaunchError({
        host: name,
        detail: `its shell prints "${home.slice(0, 80)}" before a command's output.`,
        fix: "Make its login files print only in a terminal.",
      })
    const [system, programs, found] = [yield* dialogue.read, yield* dialogue.read, yield* dialogue.read]
    const node = found === "" ? yield* bringNode(remote, { home, host: name, system }) : found
    const folder = join(home, "program", own.hash)
    if (!programs.split(" ").includes(own.hash)) yield* bringProgram(remote, own, { folder, home, node })
    dialogue.write(node)
    dialogue.write(join(folder, own.agent))
    place = { home, node }
    return dialogue
  })
  const { ask } = yield* connectAgent(name, start)
  const { home, node } = place!
  const { entry, hash } = own!
  const root = join(home, "workspaces", textSha256(`${hostname()}\n${workspace.root}`).slice(0, 16))
  const far: Far = {
    host: name,
    remote,
    home,
    root,
    raw: join(root, "benchmarks/results/raw"),
    node,
    entry: join(home, "program", hash, entry),
    ask,
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
