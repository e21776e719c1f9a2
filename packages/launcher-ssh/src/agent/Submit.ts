import { existsSync, mkdirSync } from "node:fs"
import { ensureQueue } from "./Queue.ts"
import { at, write } from "./Unit.ts"

interface Submission {
  readonly unit: { readonly name: string }
  /** The program there, and the workspace that it runs in. */
  readonly entry: string
  readonly root: string
}

/** Keeps a unit until it is carried out. One of this name that is here already is adopted. */
export const submit = ({ entry, root, unit }: Submission): object => {
  const { name } = unit
  const isKnown = existsSync(at(name, "unit.json"))
  if (!isKnown) {
    mkdirSync(at(name), { recursive: true })
    write(at(name, "place.json"), JSON.stringify({ entry, root }))
    write(at(name, "submitted"), String(Date.now()))
    write(at(name, "unit.json"), JSON.stringify(unit))
  }
  ensureQueue()
  return { id: name, adopted: isKnown }
}
