import { button, element } from "./element.ts"

/** A command with a button that copies it. */
export const commandBlock = (command: string): HTMLElement => {
  const text = element("code", {}, command)
  const copy = button("Copy", () => {
    const done = () => (copy.textContent = "Copied")
    // A page from disk may not have the clipboard: then the command is selected, to be copied by hand.
    const select = () => getSelection()?.selectAllChildren(text)
    if (navigator.clipboard === undefined) select()
    else void navigator.clipboard.writeText(command).then(done, select)
  })
  return element("div", { class: "command" }, element("pre", { tabindex: "0" }, text), copy)
}

/** Safe in a shell as it is. */
export const quoted = (word: string): string =>
  /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
