/**
 * A value as JSON in which lists and objects without another object inside have one line each: a figure with its
 * trials is one line, in half the bytes, and a new one changes one line of the file. Throws for a number that is not
 * finite: JSON would make it null, as if it had not been measured. A function is replaced by its result when it is
 * written, and the text comes in parts: a large registry as a tree of objects, or as one text, takes more memory than
 * its records.
 */
export function* linesOf(value: unknown): Generator<string> {
  const lines: Array<string> = []
  yield* write({ value, indent: "", before: "", after: "" }, lines)
  yield joined(lines)
}

/** Lines of a part, which then stays below the 128 KB from which on a text lives until a full garbage collection. */
const PART = 400

/** With a last, empty line instead of concatenation, which would copy the text again. */
const joined = (lines: ReadonlyArray<string>): string => [...lines, ""].join("\n")

interface Member {
  readonly value: unknown
  readonly indent: string
  readonly before: string
  readonly after: string
}

/** Adds an object's or list's lines to those that wait, and emits them when there are enough. */
function* write({ after, before, indent, value }: Member, lines: Array<string>): Generator<string> {
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"]
  lines.push(`${indent}${before}${open}`)
  const inner = `${indent}  `
  const members = Object.entries(value as object)
  let left = members.length
  for (const [key, given] of members) {
    const member: unknown = typeof given === "function" ? given() : given
    const name = open === "[" ? "" : `${JSON.stringify(key)}: `
    const comma = --left === 0 ? "" : ","
    if (isFlat(member)) lines.push(`${inner}${name}${JSON.stringify(member)}${comma}`)
    else yield* write({ value: member, indent: inner, before: name, after: comma }, lines)
  }
  lines.push(`${indent}${close}${after}`)
  if (lines.length >= PART) yield joined(lines.splice(0))
}

/** Whether nothing but texts, numbers and lists of them is inside. */
const isFlat = (value: unknown): boolean => {
  if (!isNested(value)) return true
  for (const member of Object.values(value)) {
    if (!Array.isArray(member)) {
      if (isNested(member)) return false
    } else if (Array.isArray(value) || member.some(isNested)) return false
  }
  return true
}

const isNested = (value: unknown): value is object => {
  if (typeof value === "number" && !Number.isFinite(value))
    throw new RangeError(`A figure is ${value}, which is not a number`)
  return (typeof value === "object" && value !== null) || typeof value === "function"
}
