import { NodeServices } from "@effect/platform-node"
import { unpackPackages } from "@rigbook/core/engine"
import { Effect } from "effect"
import { execa } from "execa"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, afterEach, assert, beforeAll, describe, it, vi } from "vitest"
import { type AlteredRegistry, type Locked, startAltered } from "./altered/AlteredRegistry.ts"

const ROOT = join(import.meta.dirname, "..")
const LOCK = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8")
const top = mkdtempSync(join(tmpdir(), "rigbook-altered-"))
const mark = join(top, "ran")

/** A package of our lockfile, with its hash. */
const locked = (name: string): Locked => {
  const [, version, integrity] =
    RegExp(`^  '?${name}@([^:']+)'?:\\n    resolution: \\{integrity: (\\S+)\\}`, "m").exec(LOCK) ?? []
  if (version === undefined || integrity === undefined) throw new Error(`pnpm-lock.yaml has no hash of ${name}`)
  return { name, version, integrity }
}

/** The Node that scripts run on, and a package that needs no other. */
const NODE = locked(`node-linux-${process.arch}`)
const PACKAGE = locked("node-addon-api")
const WHEEL: Locked = { name: "iniconfig", version: "2.1.0" }
const REQUIREMENT = "iniconfig==2.1.0 --hash=sha256:9deba5723312380e77435581c6bf4935c94cbfab9b1ed33ef8d238ea168eb760"
const UV: Locked = {
  name: "uv",
  version: readFileSync(join(ROOT, "packages/core/src/engine/install/Uv.ts"), "utf8")
    .split('VERSION = "')[1]!
    .split('"')[0]!,
}

let registry: AlteredRegistry
beforeAll(async () => {
  registry = await startAltered(top, mark, [NODE, PACKAGE, WHEEL, UV])
})
afterEach(() => {
  vi.unstubAllEnvs()
  assert.isFalse(existsSync(mark), "something of an altered archive ran")
})
afterAll(() => {
  registry?.stop()
  rmSync(top, { recursive: true, force: true })
})

/** Installs one package of our lockfile by the version and hash that it has there. */
const installed = async ({ integrity, name, version }: Locked, optional: boolean) => {
  const folder = mkdtempSync(join(top, "project-"))
  const kind = optional ? "optionalDependencies" : "dependencies"
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, [kind]: { [name]: version } }))
  // YAML takes JSON as it is.
  const lock = {
    lockfileVersion: "9.0",
    settings: { autoInstallPeers: true, excludeLinksFromLockfile: false },
    importers: { ".": { [kind]: { [name]: { specifier: version, version } } } },
    packages: { [`${name}@${version}`]: { resolution: { integrity } } },
    snapshots: { [`${name}@${version}`]: optional ? { optional } : {} },
  }
  writeFileSync(join(folder, "pnpm-lock.yaml"), JSON.stringify(lock))
  const settings = [
    "--registry",
    registry.url,
    "--store-dir",
    join(top, "store"),
    `--config.cache-dir=${join(top, "cache")}`,
  ]
  const args = ["-y", "pnpm@12", "install", "--dir", folder, "--ignore-workspace", "--frozen-lockfile", ...settings]
  const { all, exitCode } = await execa("npx", [...args, "--config.fetch-retries=0"], {
    cwd: top,
    all: true,
    reject: false,
    stdin: "ignore",
    env: { NO_COLOR: "1" },
  })
  return { all, exitCode, folder }
}

const unpacked = () => {
  const folder = join(mkdtempSync(join(top, "packages-")), "target")
  return unpackPackages({ what: "iniconfig", requirements: REQUIREMENT }, folder).pipe(
    Effect.flip,
    Effect.map((error) => ({ error, folder })),
    Effect.provide(NodeServices.layer),
    Effect.runPromise,
  )
}

describe("an archive that is not the one of the lock", () => {
  it("is no package", async () => {
    const { all, exitCode, folder } = await installed(PACKAGE, false)
    assert.include(registry.sent.join(" "), PACKAGE.name, all)
    assert.match(all, /INTEGRITY/)
    assert.notStrictEqual(exitCode, 0)
    assert.isFalse(existsSync(join(folder, "node_modules", PACKAGE.name)))
  })

  it("is no Node that scripts run on", async () => {
    const { all, folder } = await installed(NODE, true)
    assert.include(registry.sent.join(" "), NODE.name, all)
    assert.match(all, /INTEGRITY/)
    assert.isFalse(existsSync(join(folder, "node_modules/.bin/node")))
    const { devDependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(ROOT, "package.json"), "utf8"),
    ) as Record<string, Record<string, string>>
    assert.notProperty(devDependencies, "node", "its own script would fetch a program without a hash")
    assert.strictEqual(optionalDependencies?.[NODE.name], NODE.version)
    assert.include(readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8"), `nodeVersion: ${NODE.version}`)
  })

  it("is no engine and no model", async () => {
    vi.stubEnv("UV_DEFAULT_INDEX", `${registry.url}/simple`)
    vi.stubEnv("UV_CACHE_DIR", join(top, "uv-cache"))
    const { error, folder } = await unpacked()
    assert.include(registry.sent.join(" "), WHEEL.name)
    assert.strictEqual(error._tag, "SetupError")
    assert.match(error.logTail.join("\n"), /hash/i)
    assert.isFalse(existsSync(join(folder, "iniconfig")))
  })

  it("is no installer either", async () => {
    vi.stubEnv("RIGBOOK_CACHE", join(top, "rigbook"))
    vi.stubEnv("PIP_INDEX_URL", `${registry.url}/simple`)
    vi.stubEnv("PIP_NO_CACHE_DIR", "1")
    // No other installer on the PATH takes its place.
    vi.stubEnv("PATH", `${mkdtempSync(join(top, "path-"))}`)
    vi.stubEnv(
      "RIGBOOK_PYTHON",
      (await execa("python3", ["-c", "import sys; print(sys.executable)"], { env: { PATH: PATH } })).stdout,
    )
    const { error } = await unpacked()
    assert.include(registry.sent.join(" "), "/uv-")
    assert.strictEqual(error._tag, "SetupError")
    assert.include(error.detail, "uv could not be installed")
    assert.match(error.logTail.join("\n"), /hash/i)
    assert.isFalse(existsSync(join(top, "rigbook/tools", `uv-${UV.version}`)))
  })
})

const PATH = process.env["PATH"]!
