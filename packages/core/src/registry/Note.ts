import { Schema } from "effect"
import { Claim } from "./Claim.ts"

/** The head of a note, between two lines of `---`. */
export const NoteHead = Schema.Struct({
  /** When it was written. */
  date: Schema.optionalKey(Schema.NonEmptyString),
  /** Who wrote it. */
  author: Schema.optionalKey(Schema.NonEmptyString),
  /** What it states, to be compared with records. */
  claims: Schema.optionalKey(Schema.Array(Claim)),
}).annotate({ identifier: "NoteHead" })
export type NoteHead = typeof NoteHead.Type

/** What a person wrote about a model: its head, and the text below it. */
export interface Note extends NoteHead {
  /** The config's id: the note's file name. */
  readonly model: string
  /** Relative to the root of the workspace. */
  readonly path: string
  readonly text: string
}
