/**
 * A value as JSON in which lists and objects without another object inside have one line each: a figure with its
 * trials is one line, in half the bytes, and a new one changes one line of the file. Throws where a number is none: JSON
 * would make it null, as if it had not been measured. A function stands for what it gives, made when it is written: a
 * large registry as a tree of objects takes as much memory as its text.
 */
export const linesOf = (value: unknown): string => {
  let text = ""
  let lines: Array<string> = []
  write(value, "", "", "", (line) => {
    if (lines.push(line) < CHUNK) return
    text += `${lines.join("\n")}\n`
    lines = []
  })
  return lines.length === 0 ? text : `${text}${lines.join("\n")}\n`
}

/** Lines that are kept apart at a time: a large registry has a million, which are more to look after than their text. */
const CHUNK = 1000

type Print = (line: string) => unknown

const write = (given: unknown, indent: string, before: string, after: string, print: Print): void => {
  const value: unknown = typeof given === "function" ? given() : given
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"]
  if (indent !== "" && isFlat(value)) return void print(`${indent}${before}${JSON.stringify(value)}${after}`)
  print(`${indent}${before}${open}`)
  const inner = `${indent}  `
  const members = Object.entries(value as object)
  const last = members.length - 1
  for (const [at, [key, member]] of members.entries())
    write(member, inner, open === "[" ? "" : `${JSON.stringify(key)}: `, at === last ? "" : ",", print)
  print(`${indent}${close}${after}`)
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
  if (typeof value === "number" && !Number.isFinite(value)) throw new RangeError(`A figure is ${value}, which is none`)
  return (typeof value === "object" && value !== null) || typeof value === "function"
}
