import { WORKSPACE_FILE } from "@rigbook/core"
import { Effect, FileSystem } from "effect"
import { dirname, join, relative, resolve } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT, usageFailure } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { TEMPLATE } from "../Template.ts"

/** Makes a workspace. Files that are there already are left as they are. */
export const init = Effect.fn("Init.init")(function* ({ folder, json }: ActionOf<"init">) {
  const fs = yield* FileSystem.FileSystem
  const root = resolve(folder)
  if (yield* fs.exists(join(root, WORKSPACE_FILE)))
    return yield* usageFailure(`${join(folder, WORKSPACE_FILE)} exists: this is a workspace already.`)
  const files = (yield* fs.readDirectory(TEMPLATE, { recursive: true })).toSorted()
  const made: Array<string> = []
  for (const file of files) {
    const target = join(root, file)
    if ((yield* fs.stat(join(TEMPLATE, file))).type !== "File" || (yield* fs.exists(target))) continue
    yield* fs.makeDirectory(dirname(target), { recursive: true })
    yield* fs.copyFile(join(TEMPLATE, file), target)
    made.push(relative(process.cwd(), target))
  }
  yield* json
    ? printJson({ files: made })
    : print([...made, "", `Next: cd ${folder} && rigbook setup && rigbook run`].join("\n"))
  return EXIT.done
})
