/** The whole of an image of a file beside the note. */
const LOCAL_IMAGE = /^!\[[^[\]]*\]\((?!\/\/)[\w.%~/-]+(?: "[^"()]*")?\)/

/** What a link may lead to: a page, a mail, a place in the text, or a file by a path without `:`. `&` may hide one. */
const HARMLESS = /^<?(?:https?:\/\/|mailto:|#|(?!\/\/)[\w.%~/-]+(?:[?#][^\s)]*)?(?:[\s)>"']|$))/i

/** The beginning of an image, of a link's destination, or of the definition of one. */
const OPENINGS = /!\[|\]\(|\]:/g

/**
 * Markdown by people, outside of code, whose links lead nowhere but to pages and files, and whose images come from
 * nowhere else: what would run (`javascript:`) or be fetched when a reader opens the page becomes text.
 */
export const harmless = (text: string): string =>
  text.replace(OPENINGS, (opening, at: number) => {
    if (opening === "![") return LOCAL_IMAGE.test(text.slice(at)) ? opening : "&#33;["
    const destination = text.slice(at + 2).trimStart()
    if (opening === "](" && destination.startsWith(")")) return opening
    return HARMLESS.test(destination) ? opening : opening === "](" ? "]&#40;" : "]&#58;"
  })
