import { cacheFolder, installOnce, shortCommand } from "@rigbook/core/engine"
import { Effect, FileSystem } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"

/** Vulkan computed by the processor, Mesa's lavapipe: a driver of one device that has no graphics card. */
export interface SoftwareVulkan {
  /** The manifest by which Vulkan's loader finds the driver. */
  readonly manifest: string
  /** Where libraries are that the system does not have itself. */
  readonly libraries: ReadonlyArray<string>
}

const PACKAGE = "mesa-vulkan-drivers"
const SYSTEM = "/usr/share/vulkan/icd.d"
const MANIFEST = /^lvp_icd(\.x86_64)?\.json$/

/** That of `LAVAPIPE_MANIFEST`, else the system's, else Debian's or Ubuntu's package, unpacked beside the engines. */
export const softwareVulkan = Effect.gen(function* () {
  const named = process.env["LAVAPIPE_MANIFEST"]
  if (named !== undefined) return { manifest: named, libraries: [] }
  const system = manifestIn(SYSTEM)
  if (system !== undefined) return { manifest: system, libraries: [] }
  const folder = join(cacheFolder(), "lavapipe")
  yield* installOnce(folder, unpackPackages)
  return { manifest: join(folder, "lavapipe.json"), libraries: libraryFolders(folder) } satisfies SoftwareVulkan
})

const manifestIn = (folder: string): string | undefined =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => MANIFEST.test(name))
        .map((name) => join(folder, name))[0]
    : undefined

/** What the system is missing of the package and of what it depends on: downloaded as packages, and unpacked without being installed. */
const unpackPackages = Effect.fnUntraced(function* (folder: string) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(folder, { recursive: true })
  const apt = (...args: ReadonlyArray<string>) => shortCommand("apt-get", args, { cwd: folder, timeoutMs: 600_000 })
  const missing = apt("install", "--simulate", "--no-install-recommends", PACKAGE).pipe(
    // A line without a version in brackets: one that is not installed.
    Effect.map(({ stdout }) => [...stdout.matchAll(/^Inst (\S+) \(/gm)].map(([, name]) => name!)),
  )
  const download = Effect.flatMap(missing, (names) => apt("download", ...names))
  yield* download.pipe(
    // A fresh machine has no list of packages.
    Effect.catch(() => Effect.andThen(apt("update"), download)),
    Effect.mapError(
      ({ message, output }) =>
        new Error(
          `These tests need Mesa's software Vulkan: install ${PACKAGE} (Debian, Ubuntu), or name the manifest of lavapipe in LAVAPIPE_MANIFEST. ${message}\n${output}`,
        ),
    ),
    Effect.orDie,
  )
  const packages = (yield* fs.readDirectory(folder)).filter((name) => name.endsWith(".deb"))
  yield* Effect.forEach(packages, (name) =>
    Effect.orDie(shortCommand("dpkg-deb", ["-x", name, "."], { cwd: folder, timeoutMs: 120_000 })),
  )
  const { ICD } = JSON.parse(readFileSync(manifestIn(join(folder, SYSTEM))!, "utf8")) as { ICD: Icd }
  const driver = filesBelow(folder).find((path) => basename(path) === basename(ICD.library_path))!
  yield* fs.writeFileString(
    join(folder, "lavapipe.json"),
    // From the manifest's own folder, which takes its name when all is there.
    JSON.stringify({
      file_format_version: "1.0.0",
      ICD: { ...ICD, library_path: `./${driver.slice(folder.length + 1)}` },
    }),
  )
})

interface Icd {
  readonly api_version: string
  readonly library_path: string
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))

const libraryFolders = (folder: string): ReadonlyArray<string> => [
  ...new Set(
    filesBelow(folder)
      .filter((path) => /\.so(\.|$)/.test(path))
      .map((path) => dirname(path)),
  ),
]
