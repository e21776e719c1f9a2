import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"

const ROOT = join(import.meta.dirname, "../../..")

/** What a module does when it is loaded, or what its part does when it is used. */
const MODULES = {
  loops: "while (true) {}",
  waits: "await new Promise(() => {}); export const part = {}",
  "waits-busy": "await new Promise(() => setInterval(() => {}, 1000)); export const part = {}",
  exits: "process.exit(0)",
  aborts: "process.abort()",
  throws: 'throw new Error("thrown\\n    at somewhere (file.js:1:1)")',
  "throws-nothing": "throw undefined",
  "throws-odd": "throw { get message() { throw new Error('again') } }",
  nothing: "",
  "part-null": "export const part = null",
  getters: "export const part = new Proxy({}, { get() { throw new Error('get') }, has() { throw new Error('has') } })",
  later:
    "setTimeout(() => { throw new Error('later') }, 1); Promise.reject(new Error('rejected')); export const part = {}",
  prints: "console.log('HELLO'); process.stdout.write('HELLO'); export const part = {}",
  kills: "process.kill = () => {}; process.emit('SIGINT'); export const part = {}",
  "exits-later": "setTimeout(() => process.exit(7), 5); export const part = {}",
  syntax: "export const part = {",
  leaves: "setInterval(() => {}, 1e6); export const part = {}",
} as const

/** A part as it should be, whose work goes wrong. */
const PARTS = {
  metrics: (body: string) =>
    `export const part = { id: "made", title: "M", definition: "m", unit: "ms", better: "lower", tasks: ["generate"], measure: () => { ${body} } }`,
  reporters: (body: string) =>
    `export const part = { id: "made", extension: "txt", registry: () => { ${body} }, report: () => { ${body} } }`,
  backends: (body: string) => `export const part = { get id() { ${body} } }`,
} as const

const BODIES = {
  throws: "throw new Error('it fails')",
  loops: "for (;;) {}",
  exits: "process.exit(5)",
  nothing: "return undefined",
  never: "return new Promise(() => {})",
  odd: "return { value: NaN, files: [{ path: '../../outside.md', text: 'x' }] }",
  huge: "return 'x'.repeat(2 ** 28)",
} as const

const COMMANDS = [
  ["plan"],
  ["plan", "--json"],
  ["registry", "--json"],
  ["plugin", "list", "--json"],
  ["run", "a", "--fresh", "--json"],
] as const

interface Case {
  readonly of: keyof typeof PARTS
  readonly module: keyof typeof MODULES | undefined
  readonly body: keyof typeof BODIES
  readonly command: number
}

const keys = <K extends string>(of: Readonly<Record<K, unknown>>): ReadonlyArray<K> => Object.keys(of) as Array<K>

/** Plugins that loop, wait, exit, throw, print, or give what nobody can use. */
export const plugin = kind<Case>({
  name: "plugin",
  share: 7,
  draw: (draws) => ({
    of: draws.pick(keys(PARTS)),
    module: draws.int(0, 1) === 0 ? undefined : draws.pick(keys(MODULES)),
    body: draws.pick(keys(BODIES)),
    command: draws.int(0, COMMANDS.length - 1),
  }),
  inject: async ({ body, command, module, of }, testbed) => {
    const folder = join(testbed.root, "p")
    const settings = join(testbed.root, "rigbook.yaml")
    const kept = readFileSync(settings, "utf8")
    mkdirSync(join(folder, "node_modules/@rigbook"), { recursive: true })
    symlinkSync(join(ROOT, "node_modules/@rigbook/core"), join(folder, "node_modules/@rigbook/core"))
    symlinkSync(join(ROOT, "node_modules/effect"), join(folder, "node_modules/effect"))
    const part = { id: "made", description: "for the campaign", export: "./x.js#part" }
    const manifest = { name: "made-up", version: "1.0.0", type: "module", rigbook: { contract: 2, [of]: [part] } }
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest))
    writeFileSync(join(folder, "x.js"), module === undefined ? PARTS[of](BODIES[body]) : MODULES[module])
    writeFileSync(
      settings,
      kept.replace("plugins: [", "plugins: [./p, ") + (of === "reporters" ? "reporters: [made]\n" : ""),
    )
    const config = join(testbed.root, "models/configs/p.yaml")
    if (of === "backends")
      writeFileSync(
        config,
        readFileSync(join(testbed.root, "models/configs/b.yaml"), "utf8").replace(/campaign-engine: .*/, "made: {} }"),
      )
    const args = COMMANDS[command % COMMANDS.length]!
    const { code, late, stderr } = await testbed.program(args)
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      testbed.violated("exit-code", `rigbook ${args.join(" ")}: exit ${code}: ${stderr.slice(-300)}`)
    rmSync(folder, { recursive: true })
    rmSync(config, { force: true })
    rmSync(join(testbed.root, "models/registry.made.txt"), { force: true })
    writeFileSync(settings, kept)
    await testbed.command(["derive"])
    await testbed.settled(["a"])
  },
})
