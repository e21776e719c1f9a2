import { type Markup, markup } from "../markup/markup.ts"

/** An answer: the question, the answer in a few words, what it rests on, and where there is more. */
export interface Answer {
  readonly id: string
  readonly question: string
  readonly answer: string
  readonly lines: ReadonlyArray<Markup>
  readonly more?: { readonly href: string; readonly text: string }
}

export const answerCard = ({ answer, id, lines, more, question }: Answer): Markup =>
  markup(
    "article",
    { class: "card answer", id },
    markup("h2", {}, markup("span", { class: "question" }, question), markup("span", { class: "answer" }, answer)),
    ...lines,
    ...(more === undefined ? [] : [markup("p", { class: "small more" }, markup("a", { href: more.href }, more.text))]),
  )

export const line = (...children: ReadonlyArray<Markup | string>): Markup => markup("p", {}, ...children)

export const smallLine = (...children: ReadonlyArray<Markup | string>): Markup =>
  markup("p", { class: "small" }, ...children)

/** A bar of which shares are filled, each in the colour of its class. What it says is in the text beside it. */
export const barMark = (shares: ReadonlyArray<{ readonly className: string; readonly share: number }>): Markup => {
  let from = 0
  return markup(
    "svg",
    { class: "bar", viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
    markup("path", { d: "M0 0H100V4H0z", class: "track" }),
    ...shares.map(({ className, share }) => {
      const start = from
      from = Math.min(100, from + 100 * share)
      return markup("path", { d: `M${start.toFixed(2)} 0H${from.toFixed(2)}V4H${start.toFixed(2)}z`, class: className })
    }),
  )
}

/** The address of a run in the page. */
export const runAddress = (id: string): string => `#run=${encodeURIComponent(id)}`
