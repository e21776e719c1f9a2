import { LaunchError, WORKSPACE_FILE } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { join } from "node:path"
import type { Far } from "./Far.ts"

const RAW = "benchmarks/results/raw"
const PROMPTS = "benchmarks/configs/prompts"
/** Folders named in one command: its length is limited. */
const AT_ONCE = 100

/** The names of its records and whether it has prompts: nothing where it is no workspace. */
const LIST = `cd -- "$1" 2>/dev/null && [ -f ${WORKSPACE_FILE} ] || exit 0
echo workspace
[ -d ${PROMPTS} ] && echo prompts || echo none
ls -1 ${RAW} 2>/dev/null
exit 0`

/** Copies the records and prompt sets of a workspace there, without those records that are known. */
export const copyWorkspace = Effect.fn("CopyWorkspace.copyWorkspace")(function* (
  { host, remote }: Far,
  { folder, into, known }: { readonly folder: string; readonly into: string; readonly known: ReadonlySet<string> },
) {
  const fs = yield* FileSystem.FileSystem
  const listed = yield* remote.run(["sh", "-c", LIST, "list", folder])
  const [workspace, prompts, ...names] = listed.split("\n")
  if (workspace !== "workspace")
    return yield* new LaunchError({
      host,
      detail: `there is no workspace in ${folder}.`,
      fix: "Name the folder of its rigbook.yaml, from the home folder there.",
    })
  // Names of records are all that `tar` is given: nothing that it could take for an option.
  const wanted = names.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) && !known.has(name))
  yield* Effect.orDie(fs.makeDirectory(join(into, RAW), { recursive: true }))
  yield* Effect.orDie(fs.writeFileString(join(into, WORKSPACE_FILE), "rigbook: 1\n"))
  for (let at = 0; at < wanted.length; at += AT_ONCE)
    yield* remote.pull(`${folder}/${RAW}`, wanted.slice(at, at + AT_ONCE), join(into, RAW))
  if (prompts === "prompts") yield* remote.pull(folder, [PROMPTS], into)
})
