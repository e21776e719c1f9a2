import { execa } from "execa"
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { LoopbackRegistry } from "./LoopbackRegistry.ts"

const ROOT = join(import.meta.dirname, "../..")

/** Settings of npm and pnpm for a folder: the registry on loopback, and nothing that was fetched before. */
export const useRegistry = (folder: string, { url }: LoopbackRegistry): void => {
  mkdirSync(folder, { recursive: true })
  const settings = {
    registry: url,
    // Who publishes here does not matter; npm wants a token all the same.
    [`${url.replace("http:", "")}/:_authToken`]: "anybody",
    cache: join(dirname(folder), "npm-cache"),
    "store-dir": join(dirname(folder), "pnpm-store"),
    audit: "false",
    fund: "false",
    "update-notifier": "false",
  }
  writeFileSync(
    join(folder, ".npmrc"),
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(""),
  )
}

/** As in a user's shell, where no package manager has said yet that it started us: npm and bun would pass that on. */
const FROM_A_SHELL = { npm_config_user_agent: undefined, npm_execpath: undefined }

/** Runs a program to its end, which has to be a good one. */
export const ran = async (
  cwd: string,
  command: string,
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const result = await execa(command, [...args], {
    cwd,
    all: true,
    reject: false,
    stdin: "ignore",
    env: { NO_COLOR: "1", TURBO_TELEMETRY_DISABLED: "1", ...FROM_A_SHELL, ...env },
  })
  if (result.failed) throw new Error(`${result.shortMessage}\n${result.all}`)
  return result.stdout
}

/** pnpm as the README calls it: it need not be installed. */
export const pnpm = (cwd: string, args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
  ran(cwd, "npx", ["-y", "pnpm@12", ...args], env)

/** A copy of this repository: what git knows of it, and what is new and not ignored. Versions change there alone. */
export const copyRepository = async (to: string): Promise<void> => {
  const { stdout } = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: ROOT })
  for (const path of new Set(stdout.split("\0").filter((name) => name !== "")))
    try {
      cpSync(join(ROOT, path), join(to, path))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error // deleted, and not yet committed
    }
}

/** What of our packages has been published: names and versions. */
export type Published = ReadonlyMap<string, string>

/**
 * As the release workflow does it: versions from the changesets, a build, and everything that is new is published. Only
 * the order differs: the build comes first, from turbo's cache where `check` has built the same sources. No file that is
 * built holds a version: programs read it from their package.json.
 */
export const release = async (copy: string, registry: LoopbackRegistry): Promise<Published> => {
  const git = ["-c", "user.name=Release", "-c", "user.email=release@example.invalid"]
  const commit = async (message: string) => {
    await ran(copy, "git", [...git, "add", "--all"])
    await ran(copy, "git", [...git, "commit", "--quiet", "--message", message])
  }
  await ran(copy, "git", ["init", "--quiet", "--initial-branch=main"])
  await commit("What is there")
  await pnpm(copy, ["install", "--frozen-lockfile", "--prefer-offline"])
  const { scripts } = JSON.parse(readFileSync(join(copy, "package.json"), "utf8")) as {
    readonly scripts: { readonly release: string }
  }
  const [build = "", bills = "", publish = ""] = scripts.release.split(" && ")
  await pnpm(copy, ["exec", ...build.split(" ")], { TURBO_CACHE_DIR: join(ROOT, ".turbo/cache") })
  await pnpm(copy, ["run", "version"])
  await pnpm(copy, bills.split(" ").slice(1))
  // Only a workflow that runs where it is known can prove where a package comes from.
  const published = new Map<string, string>()
  for (const folder of readdirSync(join(copy, "packages"))) {
    const file = join(copy, "packages", folder, "package.json")
    const manifest = JSON.parse(readFileSync(file, "utf8")) as {
      readonly name: string
      readonly version: string
      readonly publishConfig: object
    }
    published.set(manifest.name, manifest.version)
    writeFileSync(
      file,
      JSON.stringify({ ...manifest, publishConfig: { ...manifest.publishConfig, provenance: false } }),
    )
  }
  await commit("Versions")
  const settings = readFileSync(join(copy, "../release.npmrc"), "utf8")
  writeFileSync(join(copy, ".npmrc"), settings)
  await pnpm(copy, ["exec", ...publish.split(" ")], { npm_config_registry: registry.url })
  return published
}
