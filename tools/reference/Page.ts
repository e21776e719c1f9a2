/** A file that is written by the project's own programs. */
export interface Page {
  /** From the root of the checkout. */
  readonly path: string
  readonly text: string
}

const BEGIN = (name: string) => `<!-- begin ${name}: written by \`pnpm run docs\` -->`
const END = (name: string) => `<!-- end ${name} -->`

/** `text` with new content between the marks of `name`. */
export const withPart = (text: string, name: string, part: string): string => {
  const [start, end] = [text.indexOf(BEGIN(name)), text.indexOf(END(name))]
  if (start === -1 || end < start) throw new Error(`There is no place for ${name}: ${BEGIN(name)} … ${END(name)}.`)
  return `${text.slice(0, start)}${BEGIN(name)}\n\n${part}\n\n${text.slice(end)}`
}
