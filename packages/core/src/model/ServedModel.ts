import { Schema } from "effect"
import { ModelFacts } from "./Model.ts"

/** In place of a word that a server does not report. */
export const NOT_REPORTED = "not reported"

/**
 * What a model is, as the server that has loaded it reports: its files are not on this machine. What a server leaves out
 * is left out here, or `not reported`. `sha256` is the server's own digest of the model if it has one, else that of the kind of server
 * and the model's name there: then two models under one name count as one.
 */
export class ServedModel extends Schema.Class<ServedModel>("rigbook/ServedModel")({
  ...ModelFacts.fields,
  format: Schema.Literal("served"),
  parameters: Schema.optionalKey(Schema.Int),
  bitsPerWeight: Schema.optionalKey(Schema.Finite),
  weightBytes: Schema.optionalKey(Schema.Int),
  fileBytes: Schema.optionalKey(Schema.Int),
}) {}

/** A model of files, or one of a server. */
export const AnyModel = Schema.Union([ModelFacts, ServedModel])
export type AnyModel = typeof AnyModel.Type

/** Whether a model is known only from what its server reports. */
export const isServed = (model: AnyModel): model is ServedModel => model.format === "served"
