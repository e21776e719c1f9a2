import { harmless } from "./destinations.ts"

/** A code span that begins and ends in one line. */
const SPAN = /(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)/g
/** What begins a tag, a comment or a declaration. `<https://…>` is a link. */
const TAG = /<(?!https?:\/\/[^\s<>`]*>)(?=[A-Za-z/!?])/g
/** A code span, or what is between two. */
const PARTS = new RegExp(`${SPAN.source}|[^\`]+`, "g")
const FENCE = /^(`{3,}|~{3,})(.*)$/

/**
 * Markdown by people with its HTML shown instead of interpreted: `<` of a tag becomes `&lt;`, and links and images that
 * are not `harmless` are text. Code stays as it is, unless the text's code could be read in two ways: then the same is done
 * in it too, since a wrong guess would let HTML through.
 */
export const withoutHtml = (lines: ReadonlyArray<string>): ReadonlyArray<string> => {
  const fenced = insideFence(lines)
  const plain = lines.filter((_, index) => !fenced[index])
  if (lines.some(isIndentedFence) || plain.some(hasUnclearSpan)) return lines.map(safe)
  return lines.map((line, index) =>
    fenced[index] ? line : line.replace(PARTS, (part) => (part.startsWith("`") ? part : safe(part))),
  )
}

const safe = (text: string): string => harmless(text.replace(TAG, "&lt;"))

/** Which lines belong to a fenced block that begins at a line's very start: those can't be inside a list or a quote. */
const insideFence = (lines: ReadonlyArray<string>): ReadonlyArray<boolean> => {
  let open: string | undefined
  return lines.map((line) => {
    const [, fence, rest] = FENCE.exec(line) ?? []
    if (open === undefined) {
      // After backticks, another backtick makes it a code span.
      open = fence?.startsWith("`") && rest?.includes("`") ? undefined : fence
      return open !== undefined
    }
    if (fence?.startsWith(open) && rest?.trim() === "") open = undefined
    return true
  })
}

/** Where it ends depends on the list around it. */
const isIndentedFence = (line: string): boolean => /^\s+(?:`{3}|~{3})/.test(line)

/** A backtick without a partner may pair with one in another line; a table's cell ends at a pipe, span or not. */
const hasUnclearSpan = (line: string): boolean =>
  line.includes("\\`") ||
  line.replace(SPAN, "").includes("`") ||
  (line.match(SPAN) ?? []).some((span) => span.includes("|"))
