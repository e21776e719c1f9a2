import { Effect } from "effect"
import { relative } from "node:path"
import { EXIT } from "../Failure.ts"
import { commandText } from "../output/CommandText.ts"
import { print, printJson } from "../output/Print.ts"
import { addModel } from "./AddModel.ts"
import { addServer, isAddress } from "./AddServer.ts"

/** What `rigbook add` was called with. */
export interface AddInput {
  /** The model's file or folder, or the address of a server that runs. */
  readonly model: string
  /** Of the config, without its ending; by default the model's. */
  readonly name: string | undefined
  /** Of a server that has several. */
  readonly served: string | undefined
  readonly json: boolean
}

/** Writes the config of a model's file or folder, or of a model of a running server; one that names it already is only shown. */
export const add = Effect.fn("Add.add")(function* ({ json, model, name, served }: AddInput) {
  const { about, config, files, id, made, toSetUp } = isAddress(model)
    ? yield* addServer(model, { name, served })
    : { ...(yield* addModel(model, name)), about: [] }
  const path = relative(process.cwd(), config)
  const next = [...toSetUp.map((backend) => `rigbook setup ${backend}`), commandText("rigbook", "run", id)].join(" && ")
  yield* json
    ? printJson({ config: path, made, files, ...(about.length === 0 ? {} : { about }), next })
    : print([...files, made ? path : `${path} names it already.`, ...about, "", `Next: ${next}`].join("\n"))
  return EXIT.done
})
