import { Effect } from "effect"
import { relative } from "node:path"
import type { ActionOf } from "../Action.ts"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { addModel } from "./AddModel.ts"
import { withoutEnding } from "./OpenWorkspace.ts"

/** Writes the config of a model's file or folder; one that names it already is only shown. */
export const add = Effect.fn("Add.add")(function* ({ json, model, name }: ActionOf<"add">) {
  const { config, files, made, toSetUp, workspace } = yield* addModel(model, name)
  const path = relative(process.cwd(), config)
  const id = withoutEnding(relative(workspace.configs, config))
  const next = [...toSetUp.map((backend) => `rigbook setup ${backend}`), `rigbook run ${id}`].join(" && ")
  yield* json
    ? printJson({ config: path, made, files, next })
    : print([...files, made ? path : `${path} names it already.`, "", `Next: ${next}`].join("\n"))
  return EXIT.done
})
