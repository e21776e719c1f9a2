import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { print, printJson } from "../output/Print.ts"
import { addModel } from "./AddModel.ts"
import { withoutEnding } from "./OpenWorkspace.ts"

/** What `rigbook add` was called with. */
export interface AddInput {
  /** The model's file or folder. */
  readonly model: string
  /** Of the config, without its ending; by default the model's. */
  readonly name: string | undefined
  readonly json: boolean
}

/** Writes the config of a model's file or folder; one that names it already is only shown. */
export const add = Effect.fn("Add.add")(function* ({ json, model, name }: AddInput) {
  const { config, files, made, toSetUp, workspace } = yield* addModel(model, name)
  const path = relative(process.cwd(), config)
  const id = withoutEnding(relative(workspace.configs, config))
  const next = [...toSetUp.map((backend) => `rigbook setup ${backend}`), `rigbook run ${id}`].join(" && ")
  yield* json
    ? printJson({ config: path, made, files, next })
    : print([...files, made ? path : `${path} names it already.`, "", `Next: ${next}`].join("\n"))
  return EXIT.done
})
