/** A command for people to paste: words that a shell would split or read otherwise are quoted. Pure. */
export const commandText = (...words: ReadonlyArray<string>): string => words.map(quoted).join(" ")

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
