import { CST, isMap, isPair, isScalar, isSeq, Lexer, type Node } from "yaml"

/** A place in a YAML text, and what is wrong there. */
export interface YamlProblem {
  readonly offset: number
  readonly message: string
}

/** Lists and maps inside each other, in brackets or by marks of one line. */
const MOST_DEPTH = 64
/** Anchors, aliases and tags of a file. */
const MOST_MARKS = 200

/**
 * Where a text goes beyond what a config needs, before it is parsed: parsing nests as deep as the text does, and resolving
 * an alias walks through the complete document. Pure.
 */
export const beyondBounds = (text: string): YamlProblem | undefined => {
  let offset = 0
  let inBrackets = 0
  let inLine = 0
  let marks = 0
  let content = false
  for (const token of new Lexer().lex(text)) {
    const type: string | null = content ? "content" : CST.tokenType(token)
    content = type === "scalar"
    if (type === "newline") inLine = 0
    else if (type === "flow-map-start" || type === "flow-seq-start") inBrackets++
    else if (type === "flow-map-end" || type === "flow-seq-end") inBrackets--
    else if (type === "seq-item-ind" || type === "explicit-key-ind") inLine++
    else if (type === "anchor" || type === "alias" || type === "tag") marks++
    if (inBrackets + inLine > MOST_DEPTH)
      return { offset, message: `lists and maps are nested more than ${MOST_DEPTH} deep here; use fewer` }
    if (marks > MOST_MARKS)
      return { offset, message: `more than ${MOST_MARKS} anchors (&), aliases (*) and tags (!) up to here; use fewer` }
    // These three tokens are the lexer's own, and not in the text.
    if (token !== CST.DOCUMENT && token !== CST.FLOW_END && token !== CST.SCALAR) offset += token.length
  }
  return undefined
}

/** The keys that repeat one of their map. The parser's own check compares each key with each. Pure. */
export const duplicateKeys = (node: Node | null | undefined): ReadonlyArray<YamlProblem> => {
  if (isSeq(node)) return node.items.flatMap((item) => duplicateKeys(item as Node | null))
  if (!isMap(node)) return []
  const known = new Set<unknown>()
  return node.items.filter(isPair).flatMap(({ key, value }) => {
    const name: unknown = isScalar(key) ? key.value : key
    const again = known.has(name)
    known.add(name)
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0
    return [...(again ? [{ offset, message: "this key is a duplicate" }] : []), ...duplicateKeys(value as Node | null)]
  })
}
