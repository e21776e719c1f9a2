/**
 * An element as data: text is only ever text. The reporter writes it as HTML, in which nothing is unescaped; a page that
 * is live makes elements of it.
 */
export class Markup {
  readonly tag: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<Markup | string>

  constructor(tag: string, attributes: Markup["attributes"], children: Markup["children"]) {
    this.tag = tag
    this.attributes = attributes
    this.children = children
  }

  /** Text and attributes are escaped. */
  get html(): string {
    const attributes = Object.entries(this.attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`)
    const children = this.children.map((child) => (typeof child === "string" ? escaped(child) : child.html))
    return `<${this.tag}${attributes.join("")}>${children.join("")}</${this.tag}>`
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

/** One element. */
export const markup = (
  tag: string,
  attributes: Readonly<Record<string, string>>,
  ...children: ReadonlyArray<Markup | string>
): Markup => new Markup(tag, attributes, children)

/** A part of the page, with its heading. */
export const section = (id: string, title: string, ...children: ReadonlyArray<Markup>): Markup =>
  markup("section", { id }, markup("h2", {}, title), ...children)

/** A part of the page that is folded: its heading, and what unfolds. */
export const foldedSection = (id: string, title: string, summary: string, ...children: ReadonlyArray<Markup>): Markup =>
  section(id, title, markup("details", { class: "fold" }, markup("summary", {}, summary), ...children))
