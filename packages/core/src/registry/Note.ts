/** What a person wrote about a model, kept word for word. */
export interface Note {
  /** The config's id: the note's file name. */
  readonly model: string
  /** Relative to the root of the workspace. */
  readonly path: string
  readonly text: string
}
