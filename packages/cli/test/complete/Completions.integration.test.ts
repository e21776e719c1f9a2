import { assert, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll } from "vitest"
import { namesFor } from "../../src/complete/Names.ts"
import { namesScript } from "../../src/complete/Scripts.ts"

const root = mkdtempSync(join(tmpdir(), "rigbook-completions-"))
afterAll(() => rmSync(root, { recursive: true }))
const put = (path: string, text = ""): void => {
  mkdirSync(join(root, path, ".."), { recursive: true })
  writeFileSync(join(root, path), text)
}
put("space/rigbook.yaml")
for (const name of ["small.yaml", "smaller.yml", "with blank.yaml", "note.md"]) put(`space/models/configs/${name}`)
for (const id of ["20261128T1-small", "20261128T2-large"]) put(`space/benchmarks/results/raw/${id}/record.json`)
put("space/benchmarks/configs/hosts/my-rig.yaml")
put("config/rigbook/hosts/box.json")
const space = join(root, "space")
const env = { ...process.env, XDG_CONFIG_HOME: join(root, "config") }

const BIN = join(import.meta.dirname, "../../src/bin.ts")
const rigbook = (...args: ReadonlyArray<string>): string =>
  execFileSync(process.execPath, ["--conditions=@rigbook/source", BIN, ...args], { cwd: space, env, encoding: "utf8" })

describe("names", () => {
  it("are those of files and folders, from any folder of a workspace", () => {
    assert.deepStrictEqual(namesFor("configs", space, env), ["small", "smaller"])
    assert.deepStrictEqual(namesFor("records", join(space, "models"), env), ["20261128T1-small", "20261128T2-large"])
    assert.deepStrictEqual(namesFor("hosts", space, env), ["box"])
    assert.include(namesFor("machines", space, env), "my-rig")
    assert.deepStrictEqual(namesFor("configs", root, env), [])
  })
})

describe("rigbook --completions bash", () => {
  const script = rigbook("--completions", "bash")

  /** What the key for completion offers at the end of `line`. */
  const offered = (line: string): ReadonlyArray<string> => {
    const words = line.split(" ")
    const program = `
rigbook() { "${process.execPath}" --conditions=@rigbook/source "${BIN}" "$@"; }
${script}
COMP_LINE="${line}" COMP_POINT=${line.length} COMP_CWORD=${words.length - 1}
COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")})
spec=$(complete -p rigbook); call=\${spec#*-F }; "\${call%% *}" rigbook "${words.at(-1)}" "${words.at(-2)}"
printf '%s\\n' "\${COMPREPLY[@]}"`
    const shown = execFileSync("bash", ["--norc", "-c", program], { cwd: space, env, encoding: "utf8" })
    return shown.split("\n").filter((text) => text !== "")
  }

  it("offers configs, records and hosts where they may stand", () => {
    assert.deepStrictEqual(offered("rigbook run sma"), ["small", "smaller"])
    assert.deepStrictEqual(offered("rigbook show 20261128T2"), ["20261128T2-large"])
    assert.deepStrictEqual(offered("rigbook run --on b"), ["box"])
    assert.deepStrictEqual(offered("rigbook host stop "), ["box"])
    assert.deepStrictEqual(offered("rigbook plan --host my"), ["my-rig"])
  })

  it("still offers commands and flags, and no name for another flag's value", () => {
    assert.deepStrictEqual(offered("rigbook ver"), ["verify"])
    assert.include(offered("rigbook run --fre"), "--fresh")
    assert.notInclude(offered("rigbook run --rounds sma"), "small")
  })
})

describe("other shells", () => {
  it("get the same names in their own words, after the script of the framework", () => {
    const zsh = namesScript(["--completions", "zsh"])
    assert.match(zsh, /^compdef _rigbook--named rigbook$/m)
    assert.match(zsh, /run\|plan\|tune\) kind=configs/)
    const fish = namesScript(["--completions=fish"])
    assert.include(fish, "__fish_seen_subcommand_from run plan tune' -f -a '(rigbook __names configs 2>/dev/null)'")
    assert.include(fish, "complete -c rigbook -l on -r -f -a '(rigbook __names hosts 2>/dev/null)'")
    assert.strictEqual(namesScript(["--completions", "powershell"]), "")
    assert.strictEqual(namesScript(["run", "x"]), "")
  })
})
