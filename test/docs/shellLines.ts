/** A command of a shell's text, in words: what is between `&&`, `|` and `;`, without comments and redirections. */
export const commandsOf = (code: string): ReadonlyArray<ReadonlyArray<string>> =>
  code
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").replace(/^\$ /, ""))
    .flatMap((line) => line.split(/&&|\|\||[|;]/))
    .map((command) => [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c!))
    .map((words) => words.filter((word) => !/^\d?(?:>>?|<(?![\w -]+>$))/.test(word)))
    .map((words) => words.slice(words.findIndex((word) => !/^[A-Z_]+=/.test(word))))
    .filter((words) => words.length > 0 && words[0] !== "")
