import type { RunRecord } from "@rigbook/core"
import { NBSP } from "../Uncertain.ts"
import { addressOf } from "./figures.ts"

const SIGNS = { valid: "●", suspect: "▲", invalid: "✕" } as const

/** A verdict as a sign and a word, which stay on one line: `● valid`. */
export const signOf = ({ verdict: { status } }: Pick<RunRecord, "verdict">): string =>
  `${SIGNS[status]}${NBSP}${status}`

/**
 * Links of one page to records, each address written once: the mark of a verdict leads to the record. Numbered in the order
 * in which they are first needed.
 */
export class References {
  readonly #folder: string
  readonly #numbers = new Map<RunRecord, number>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** `[● valid][r1]` */
  readonly mark = (record: RunRecord): string => this.link(signOf(record), record)

  /** `label`: markdown. */
  readonly link = (label: string, record: RunRecord): string => {
    const number = this.#numbers.get(record) ?? this.#numbers.size + 1
    this.#numbers.set(record, number)
    return `[${label}][r${number}]`
  }

  /** Where the links lead, for the end of the page. */
  readonly definitions = (): string =>
    [...this.#numbers].map(([record, number]) => `[r${number}]: ${addressOf(record, this.#folder)}`).join("\n")
}
