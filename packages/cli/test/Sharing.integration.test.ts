import { assert, describe, it } from "@effect/vitest"
import { execaSync } from "execa"
import { createHash } from "node:crypto"
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { rigbook, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const RAW = "benchmarks/results/raw"
const STORED = join(import.meta.dirname, "../../..", RAW)
/** Two records of this repository: one of a prompt set, one of made-up prompts. */
const IDS = readdirSync(STORED)
  .filter((id) => /smollm2-135m-instruct-llamacpp-(latency-short-chat|context-256)/.test(id))
  .toSorted()
const FINGERPRINT = "f9c5962291c7"

/** A workspace that measured these records on a host of its own, at another second. */
const rig = (
  second: number,
  fingerprint = FINGERPRINT,
): { readonly root: string; readonly ids: ReadonlyArray<string> } => {
  const root = writeWorkspace(temporaryFolder(), {})
  const ids = IDS.map((id) => {
    const own = id.replace(/\d\dZ/, `${second}Z`)
    const folder = join(root, RAW, own)
    cpSync(join(STORED, id), folder, { recursive: true })
    const changed = (file: string) => {
      const before = readFileSync(join(folder, file), "utf8")
      const after = before
        .replaceAll(id, own)
        .replaceAll(FINGERPRINT, fingerprint)
        .replaceAll('"AMD EPYC"', `"CPU ${second}"`)
      writeFileSync(join(folder, file), after)
      return [sha256(before), sha256(after)] as const
    }
    const [[was, is]] = [changed("samples.ndjson"), changed("record.json")]
    const record = readFileSync(join(folder, "record.json"), "utf8")
    writeFileSync(join(folder, "record.json"), record.replace(was, is))
    return own
  })
  return { root, ids: ids.toSorted() }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")
const git = (cwd: string, ...args: ReadonlyArray<string>) =>
  execaSync("git", ["-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "init.defaultBranch=main", ...args], {
    cwd,
  })
const filesIn = (root: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(root, path)).isFile())

describe("rigbook push and pull", () => {
  it("shows two rigs in a third workspace, pulled from a folder and a repository, with nobody named", async () => {
    const [alice, bob] = [rig(11), rig(22, "0123456789ab")]
    const space = temporaryFolder()
    const env = {
      USER: "mjones",
      HOSTNAME: "wopr.corp.example",
      XDG_CONFIG_HOME: space,
      XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"]!, ".cache"),
    }
    const secrets =
      "mjones@wopr in /home/mjones/acme, /srv/acme/x.gguf, 10.0.0.7:8000, hf_abcdefghijklmnopqrstuvwxyz0123456789\n"
    writeFileSync(join(alice.root, RAW, alice.ids[0]!, "engine.log"), secrets)
    const pushed = join(space, "my-rig")
    const rules = readFileSync(join(STORED, "../../../models/rating.yaml"), "utf8")
    mkdirSync(join(alice.root, "models"), { recursive: true })
    writeFileSync(join(alice.root, "models/rating.yaml"), `${rules}# as acme rates them\n`)
    const unmasked = await rigbook(alice.root, ["push", pushed], env)
    assert.strictEqual(unmasked.exitCode, 0, unmasked.stderr)
    assert.include(filesIn(pushed), "models/rating.yaml")
    const push = await rigbook(alice.root, ["push", pushed, "--mask", "acme"], env)
    assert.strictEqual(push.exitCode, 0, push.stderr)
    const files = filesIn(pushed)
    for (const file of [
      "rigbook.yaml",
      "models/REGISTRY.md",
      "models/registry.html",
      `benchmarks/results/reports/${alice.ids[0]}.md`,
    ])
      assert.include(files, file)
    const { HOME = "", HOSTNAME = "" } = process.env
    const names = [
      alice.root,
      space,
      "mjones",
      "wopr",
      "acme",
      "10.0.0.7",
      "/srv/",
      "/home/",
      "hf_abc",
      ...[HOME, HOSTNAME].filter((name) => name.length > 5),
    ]
    for (const file of files) {
      const text = readFileSync(join(pushed, file), "utf8")
      for (const name of names) assert.notInclude(`${file}\n${text}`, name, file)
    }
    assert.strictEqual((await rigbook(pushed, ["verify"], env)).exitCode, 0)
    const again = await rigbook(alice.root, ["push", alice.root], env)
    assert.strictEqual(again.exitCode, 2)

    git(pushed, "init", "--quiet")
    symlinkSync("/etc/passwd", join(pushed, RAW, "20260101T000000Z-link"))
    git(pushed, "add", "--all")
    git(pushed, "commit", "--quiet", "--message", "My rig")
    git(space, "clone", "--quiet", "--bare", pushed, "alice.git")

    const third = join(space, "third")
    mkdirSync(third)
    const pull = await rigbook(third, ["pull", "../alice.git", bob.root, "--json"], env)
    assert.strictEqual(pull.exitCode, 0, pull.stderr + pull.stdout)
    const { pulled } = JSON.parse(pull.stdout) as {
      pulled: ReadonlyArray<{ added: ReadonlyArray<string>; origin: string }>
    }
    assert.deepStrictEqual(
      pulled.map(({ added }) => added),
      [alice.ids, bob.ids],
    )
    assert.strictEqual(pulled[0]!.origin, "alice")
    const other = pulled[1]!.origin
    const page = readFileSync(join(third, "models/REGISTRY.md"), "utf8")
    for (const origin of ["alice", other]) assert.include(page, `from ${origin}`)
    assert.include(page, `benchmarks/results/pulled/alice/${RAW}/`)
    for (const file of ["models/registry.html", "models/registry.json", "models/registry.csv"])
      for (const host of [`alice/${FINGERPRINT}`, `${other}/0123456789ab`])
        assert.include(readFileSync(join(third, file), "utf8"), host)
    const compared = await rigbook(third, ["compare", "smollm2"], env)
    assert.strictEqual(compared.exitCode, 0, compared.stderr)
    assert.include(compared.stdout, "processor: CPU 11, 2 logical cores against CPU 22, 2 logical cores")
    assert.strictEqual((await rigbook(third, ["registry", "--check"], env)).exitCode, 0)

    const second = await rigbook(third, ["pull", "../alice.git"], env)
    assert.include(second.stdout, "0 records added, 2 unchanged")
    const samples = join(bob.root, RAW, bob.ids[0]!, "samples.ndjson")
    const home = join(third, `benchmarks/results/pulled/${other}`, RAW)
    rmSync(join(home, bob.ids[0]!), { recursive: true })
    writeFileSync(join(home, bob.ids[1]!, "samples.ndjson"), "")
    writeFileSync(samples, readFileSync(samples, "utf8").replace(/("phase":"measured".*?"endMs":)\d+/, "$1900000"))
    const tampered = await rigbook(third, ["pull", bob.root], env)
    assert.strictEqual(tampered.exitCode, 1)
    assert.match(tampered.stdout, /samples\.ndjson:\d+: the sample of measured trial 1 is not the one/)
    const verified = await rigbook(third, ["verify"], env)
    assert.strictEqual(verified.exitCode, 1)
    assert.include(verified.stdout, `benchmarks/results/pulled/${other}/${RAW}/${bob.ids[1]}/`)
  })

  it("runs no program for an address, and says what a word may be", async () => {
    const root = writeWorkspace(temporaryFolder(), {})
    const env = { XDG_CONFIG_HOME: root }
    const { exitCode, stderr } = await rigbook(root, ["pull", "ext::sh -c touch% ran"], env)
    assert.strictEqual(exitCode, 2, stderr)
    assert.include(stderr, "is no folder, no repository by https or ssh, and no host")
    assert.notInclude(readdirSync(root), "ran")
  })
})
