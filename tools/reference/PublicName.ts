/** A field of a public type, or a parameter of a public function. */
export interface Field {
  /** `name`, or `outer.name` inside of a shape that has no name of its own. */
  readonly name: string
  /** As the compiler writes it, or as the source does where that is shorter. */
  readonly type: string
  readonly optional: boolean
  /** Whether it holds a number, or several. */
  readonly numeric: boolean
  readonly doc: string
}

/** What a package exports under one name. */
export interface PublicName {
  readonly name: string
  readonly kind: "function" | "value" | "schema" | "type" | "class" | "error"
  /** Source file, from the root of the checkout. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  readonly doc: string
  /** How it is declared: a signature, or the head of a type. */
  readonly declaration: string
  readonly fields: ReadonlyArray<Field>
  readonly parameters: ReadonlyArray<Field>
  /** Names of the errors that it can fail with. */
  readonly errors: ReadonlyArray<string>
}
