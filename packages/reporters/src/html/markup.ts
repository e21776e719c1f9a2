/** HTML that was made by `markup`, so that nothing in it is unescaped. */
export class Markup {
  readonly html: string
  constructor(html: string) {
    this.html = html
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!)

/** One element. Text and attributes are escaped; only `Markup` is taken as it is. */
export const markup = (
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: ReadonlyArray<Markup | string>
): Markup =>
  new Markup(
    [
      `<${tag}${Object.entries(attributes)
        .map(([name, value]) => ` ${name}="${escaped(value)}"`)
        .join("")}>`,
      ...children.map((child) => (typeof child === "string" ? escaped(child) : child.html)),
      `</${tag}>`,
    ].join(""),
  )
