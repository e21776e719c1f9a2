import { cacheFolder } from "@rigbook/core/engine"
import { FILE_LIMITS, shownAddress, textSha256, WORKSPACE_FILE } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { execa } from "execa"
import { join } from "node:path"
import { Failure, usageFailure } from "../Failure.ts"
import { printAside } from "../output/Print.ts"

/** Whether a word is the address of a repository. Others, such as `ext::`, are none: git would run a program for them. */
export const isGitAddress = (word: string): boolean =>
  /^(?:https|ssh|git\+ssh):\/\/[^-]/.test(word) || /^[A-Za-z0-9_][\w.-]*@[A-Za-z0-9][\w.-]*:[^-]/.test(word)

/** The files of a registry that are taken out of a repository, and how large each may be. */
const WANTED: ReadonlyArray<readonly [path: RegExp, limit: { readonly bytes: number }]> = [
  [/^rigbook\.yaml$/, FILE_LIMITS.config],
  [/^benchmarks\/configs\/prompts\/[A-Za-z0-9_][\w.-]*\.jsonl$/, FILE_LIMITS.prompts],
  [/^benchmarks\/results\/raw\/[A-Za-z0-9][\w.-]*\/record\.json$/, FILE_LIMITS.record],
  [/^benchmarks\/results\/raw\/[A-Za-z0-9][\w.-]*\/samples\.ndjson$/, FILE_LIMITS.journal],
  [/^benchmarks\/results\/raw\/[A-Za-z0-9][\w.-]*\/telemetry\.ndjson$/, FILE_LIMITS.telemetry],
  [/^benchmarks\/results\/raw\/[A-Za-z0-9][\w.-]*\/engine(?:\.\d{1,4})?\.log$/, FILE_LIMITS.log],
]

const BRANCH = "refs/heads/pulled"

/**
 * Brings the registry of a repository's default branch into a folder: by `git`, which is given no shell, no hook, no submodule
 * and no protocol that runs a program, and only files that are ordinary ones there. The repository is kept in the cache, so
 * that the next pull fetches what is new. Fails with `Failure` where git does, with `PlatformError` where files can't be written.
 */
export const fetchRegistry = Effect.fn("Git.fetchRegistry")(function* (address: string, into: string) {
  const fs = yield* FileSystem.FileSystem
  const isLocal = !isGitAddress(address)
  const kept = join(cacheFolder(), "registries", `${textSha256(address).slice(0, 24)}.git`)
  const git = gitIn(kept, isLocal, isLocal ? address : shownRemote(address))
  if (!(yield* fs.exists(join(kept, "HEAD")))) yield* git(["init", "--quiet", "--bare", "--template=", kept])
  // Attributes of the repository itself could name filters and change bytes; these come before them.
  yield* fs.makeDirectory(join(kept, "info"), { recursive: true })
  yield* fs.writeFileString(join(kept, "info/attributes"), "* -text -eol -ident -filter -working-tree-encoding\n")
  const fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]
  yield* git([...fetch, "--end-of-options", address, `+HEAD:${BRANCH}`])
  const listed = yield* git(["ls-tree", "-r", "-z", "--long", BRANCH])
  const files = listed.split("\0").flatMap(wanted)
  if (!files.includes(WORKSPACE_FILE))
    return yield* usageFailure(
      `${isLocal ? address : shownRemote(address)} has no ${WORKSPACE_FILE}: it is no registry of Rigbook.`,
    )
  const index = { GIT_INDEX_FILE: join(into, ".index") }
  yield* git(["read-tree", BRANCH], { env: index })
  yield* git(["checkout-index", "-z", "--stdin"], { env: { ...index, GIT_WORK_TREE: into }, input: files.join("\0") })
  yield* fs.remove(join(into, ".index"))
})

/** An address without who logs in there. */
const shownRemote = (address: string): string =>
  /^[a-z+]+:\/\//.test(address) ? shownAddress(address) : address.replace(/^[^@]*@/, "")

/** The path of an ordinary file of a registry, from a line of `ls-tree`. */
const wanted = (line: string): ReadonlyArray<string> => {
  const [, mode, size, path = ""] = /^(\d+) \w+ [0-9a-f]+ +(\d+|-)\t(.*)$/s.exec(line) ?? []
  const limit = WANTED.find(([form]) => form.test(path))?.[1]
  if (limit === undefined || (mode !== "100644" && mode !== "100755")) return []
  if (Number(size) <= limit.bytes) return [path]
  printAside(`left out: ${path} has ${size} bytes, and may have ${limit.bytes} at most.`)
  return []
}

const SETTINGS = [
  "core.hooksPath=/dev/null",
  "core.symlinks=false",
  "core.fsmonitor=false",
  "core.autocrlf=false",
  "transfer.fsckObjects=true",
  "submodule.recurse=false",
  "protocol.allow=never",
  "protocol.https.allow=always",
  "protocol.ssh.allow=always",
]

/** Runs git on a repository of ours. `shown`: the address as messages may have it. */
const gitIn = (kept: string, isLocal: boolean, shown: string) =>
  Effect.fnUntraced(function* (
    args: ReadonlyArray<string>,
    { env = {}, input = "" }: { readonly env?: Readonly<Record<string, string>>; readonly input?: string } = {},
  ) {
    const settings = [...SETTINGS, ...(isLocal ? ["protocol.file.allow=always"] : [])].flatMap((one) => ["-c", one])
    const place = args[0] === "init" ? [] : [`--git-dir=${kept}`]
    const ended = yield* Effect.promise((cancelSignal) =>
      execa("git", [...settings, ...place, ...args], {
        cancelSignal,
        // What git reads of another repository, such as GIT_DIR inside of a hook, is not meant for this one.
        env: { ...withoutGit(process.env), ...ALONE, GIT_ALLOW_PROTOCOL: isLocal ? "file" : "https:ssh", ...env },
        extendEnv: false,
        input,
        maxBuffer: 2 ** 28,
        reject: false,
      }),
    )
    if (ended.exitCode === 0) return ended.stdout
    const said = ended.stderr.trim().split("\n").at(-1) || "it said nothing."
    return yield* new Failure({
      message:
        ended.exitCode === undefined && ended.code === "ENOENT"
          ? "git can't be started here: install it to pull from repositories."
          : `git can't bring ${shown}: ${said}`,
      exit: "failed",
    })
  })

const ALONE = { GIT_TERMINAL_PROMPT: "0", GIT_LFS_SKIP_SMUDGE: "1" }

const withoutGit = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("GIT_") || name.startsWith("GIT_SSH")))
