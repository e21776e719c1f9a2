import { FILE_LIMITS, readText } from "@rigbook/core"
import { Effect, Option, Schema } from "effect"
import { homedir } from "node:os"
import { join } from "node:path"

const Manifest = Schema.fromJsonString(
  Schema.Struct({ layers: Schema.Array(Schema.Struct({ mediaType: Schema.String, digest: Schema.String })) }),
)
const decode = Schema.decodeUnknownOption(Manifest)

/** Of the layer that holds the weights. */
const WEIGHTS = "application/vnd.ollama.image.model"

/** Where Ollama keeps models: `OLLAMA_MODELS`, or its folder in the user's. */
export const ollamaFolder = (env: Readonly<Record<string, string | undefined>> = process.env): string =>
  env["OLLAMA_MODELS"] ?? join(homedir(), ".ollama", "models")

/**
 * The GGUF file of a model in the owner's Ollama store, by its name there, such as `llama3.2:1b`, `me/model` or
 * `hf.co/me/model:Q4_K_M`; `undefined` if the store does not have it.
 */
export const ollamaBlob = (name: string, folder: string = ollamaFolder()): Effect.Effect<string | undefined> => {
  const [path = "", tag = "latest"] = name.split(/:(?=[^/]*$)/)
  const parts = path.split("/")
  const [host, owner] = [parts.at(-3) ?? "registry.ollama.ai", parts.at(-2) ?? "library"]
  const steps = [host, owner, parts.at(-1)!, tag]
  if (parts.length > 3 || !steps.every((step) => /^[\w.-]+$/.test(step) && !/^\.+$/.test(step)))
    return Effect.succeed(undefined)
  return readText(join(folder, "manifests", ...steps), FILE_LIMITS.modelSettings).pipe(
    Effect.map((text) => {
      const layer = Option.getOrUndefined(decode(text))?.layers.find(({ mediaType }) => mediaType === WEIGHTS)
      const digest = /^sha256:([0-9a-f]{64})$/.exec(layer?.digest ?? "")?.[1]
      return digest === undefined ? undefined : join(folder, "blobs", `sha256-${digest}`)
    }),
    Effect.orElseSucceed(() => undefined), // not in this store, or not to be read
  )
}
