import { execFileSync } from "node:child_process"
import { createServer } from "node:net"
import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { kind } from "../Fault.ts"
import { recordOf } from "../Workspaces.ts"

const PATHS = [
  "rigbook.yaml",
  "models/rating.yaml",
  "models/configs/a.yaml",
  "models/configs/z.yaml",
  "models/configs",
  "models/notes/a.md",
  "models/notes/z.md",
  "models/notes",
  "models/REGISTRY.md",
  "models/registry.json",
  "models/registry.html",
  "models/plots",
  "benchmarks/configs/prompts/brief.jsonl",
  "benchmarks/configs/hosts/small.yaml",
  "benchmarks/results/raw",
  "benchmarks/results/raw/stray",
  "benchmarks/results/reports",
  "RECORD",
  "RECORD/record.json",
  "RECORD/samples.ndjson",
  "RECORD/telemetry.ndjson",
] as const

const SHAPES = [
  "pipe",
  "folder",
  "socket",
  "empty",
  "endless",
  "outside",
  "outside-folder",
  "loop",
  "dangling",
  "huge",
  "deep",
  "binary",
  "long-line",
] as const

const COMMANDS = [
  ["plan"],
  ["plan", "--json"],
  ["plan", "--host", "small"],
  ["registry"],
  ["registry", "--check"],
  ["registry", "--json"],
  ["verify"],
  ["verify", "--json"],
  ["derive"],
  ["runs"],
  ["runs", "--json"],
  ["run"],
  ["run", "--json"],
] as const

interface Case {
  readonly path: (typeof PATHS)[number]
  readonly shape: (typeof SHAPES)[number]
  readonly commands: ReadonlyArray<number>
  readonly byProgram: boolean
}

/** What stands in place of a file: pipes, links, sockets, endless and odd ones. */
export const file = kind<Case>({
  name: "file",
  share: 240,
  draw: (draws) => ({
    path: draws.pick(PATHS),
    shape: draws.pick(SHAPES),
    commands: draws.list(1, 2, () => draws.int(0, COMMANDS.length - 1)),
    byProgram: draws.int(0, 29) === 0,
  }),
  inject: async ({ byProgram, commands, path, shape }, testbed) => {
    const record = recordOf(testbed.root, "a")
    const at = join(testbed.root, path.replace("RECORD", record))
    const kept = `${testbed.root}.kept`
    cpSync(testbed.root, kept, { recursive: true, preserveTimestamps: true })
    rmSync(at, { recursive: true, force: true })
    mkdirSync(dirname(at), { recursive: true })
    const close = await put(at, shape, join(dirname(testbed.root), "outside.txt"))
    for (const command of commands) {
      const args = COMMANDS[command % COMMANDS.length]!
      const { code, late, stderr } = await (byProgram ? testbed.program(args) : testbed.command(args))
      if (late !== true && ![0, 1, 2].includes(code ?? -1))
        testbed.violated("exit-code", `rigbook ${args.join(" ")}: exit ${code}: ${stderr.slice(-200)}`)
      testbed.check()
    }
    close()
    rmSync(testbed.root, { recursive: true })
    cpSync(kept, testbed.root, { recursive: true, preserveTimestamps: true })
    rmSync(kept, { recursive: true })
  },
})

/** Makes it; gives what ends it. */
const put = async (at: string, shape: Case["shape"], outside: string): Promise<() => void> => {
  const links = { endless: "/dev/zero", outside, loop: at, dangling: "nowhere", "outside-folder": "/etc" } as const
  if (shape in links) symlinkSync(links[shape as keyof typeof links], at)
  else if (shape === "pipe") execFileSync("mkfifo", [at])
  else if (shape === "folder") mkdirSync(join(at, "inner"), { recursive: true })
  else if (shape === "socket") return await listening(at)
  else writeFileSync(at, TEXTS[shape as keyof typeof TEXTS])
  if (shape === "huge") truncateSync(at, 2 ** 30) // which one read takes, so that it would fill memory
  return () => {}
}

const TEXTS = {
  empty: "",
  huge: "",
  deep: `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
  binary: Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 151 + 7) % 256)),
  "long-line": `{"kind":"${"x".repeat(2 ** 20)}"}\n`,
} as const

const listening = async (at: string): Promise<() => void> => {
  const server = createServer()
  // A socket's path may have about a hundred bytes: by a folder that the process has open, a short one leads there.
  const link = `/tmp/campaign-${process.pid}-socket`
  rmSync(link, { force: true })
  symlinkSync(dirname(at), link)
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(join(link, at.slice(dirname(at).length + 1)), resolve)
  })
  rmSync(link)
  return () => void server.close()
}
