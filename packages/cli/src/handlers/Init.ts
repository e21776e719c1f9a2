import { WORKSPACE_FILE } from "@rigbook/core"
import { readConfigFile } from "@rigbook/records"
import { Effect, FileSystem, Predicate } from "effect"
import { join, resolve } from "node:path"
import { EXIT, usageFailure } from "../Failure.ts"
import { commandText } from "../output/CommandText.ts"
import { print, printJson } from "../output/Print.ts"
import { installedBackends } from "../Plugins.ts"
import { TEMPLATE } from "../Template.ts"
import { copyMissing, templateFiles } from "./CopyTemplate.ts"

/** What `rigbook init` was called with. */
export interface InitInput {
  readonly folder: string
  readonly json: boolean
}

/** Creates a workspace. Existing files are left unchanged. */
export const init = Effect.fn("Init.init")(function* ({ folder, json }: InitInput) {
  const fs = yield* FileSystem.FileSystem
  const root = resolve(folder)
  if (yield* fs.exists(join(root, WORKSPACE_FILE)))
    return yield* usageFailure(`${join(folder, WORKSPACE_FILE)} exists: this already is a workspace.`)
  const { ids } = yield* installedBackends
  const files = yield* templateFiles
  const leftOut =
    ids.length === 0 ? [] : yield* Effect.filter(files, (file) => Effect.map(canRun(file, ids), (can) => !can))
  const made = yield* copyMissing(
    root,
    files.filter((file) => !leftOut.includes(file)),
  )
  yield* json
    ? printJson({ files: made, leftOut })
    : print(
        [
          ...made,
          ...leftOut.map((file) => `left out, because its backend is not installed: ${file}`),
          "",
          ...(ids.length === 0
            ? ["No backend is installed. Install one, such as: npm install @rigbook/backend-llamacpp"]
            : []),
          `Next: ${folder === "." ? "" : `${commandText("cd", folder)} && `}rigbook setup && rigbook run`,
        ].join("\n"),
      )
  return EXIT.done
})

/** Whether a sample is not a config, or a config whose backends are all installed. */
const canRun = Effect.fnUntraced(function* (file: string, ids: ReadonlyArray<string>) {
  if (!file.startsWith("models/configs/")) return true
  const { value } = yield* readConfigFile(join(TEMPLATE, file), file)
  const named = Predicate.hasProperty(value, "backends") ? value.backends : undefined
  return !Predicate.isObject(named) || Object.keys(named).every((id) => ids.includes(id))
})
