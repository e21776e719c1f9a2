import { Predicate } from "effect"
import type { BadModel } from "../../runtime/BackendError.ts"
import { bad } from "./GgufProblem.ts"

/** What else a GGUF file may hold, by `general.type`, and what to do. */
const OTHERS: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  adapter: ["an adapter (LoRA)", "Name the model that it was trained for; merge it into that model to measure both."],
  mmproj: ["a projector for images or audio (mmproj)", "Name the language model that it belongs to."],
  imatrix: ["an importance matrix, made for a quantizer", "Name the model's own file."],
  vocab: ["a vocabulary without weights", "Name the model's own file."],
}

/** Why a file is not a model; `undefined` if it is one. Source: `GGUFType` in llama.cpp's gguf-py. */
export const notAModel = (name: string, metadata: Readonly<Record<string, unknown>>): BadModel | undefined => {
  const reported = metadata["general.type"]
  const type = Predicate.isString(reported) ? reported : "model"
  // Projectors from before files stated their type.
  const kind = metadata["general.architecture"] === "clip" ? "mmproj" : type
  if (kind === "model") return undefined
  const [what, fix] = OTHERS[kind] ?? [`of type ${kind}`, "Name a file whose general.type is model."]
  return bad(`${name} is ${what}, not a model.`, fix)
}
