import type { Registry } from "@rigbook/core"
import { type Markup, markup } from "../markup/markup.ts"
import { answerCard } from "./card.ts"
import { changedAnswer } from "./changed.ts"
import { fitAnswer } from "./fit.ts"
import { quantizationAnswer } from "./quantization.ts"
import { trustAnswer } from "./trust.ts"
import { useAnswer } from "./use.ts"

/** The five questions that a registry is opened with, each with its answer; nothing where nothing is measured. */
export const questionSection = (registry: Registry): ReadonlyArray<Markup> => {
  const records = registry.entries.flatMap((entry) => entry.records)
  if (records.length === 0) return []
  return [
    markup(
      "section",
      { id: "questions", "aria-label": "Five questions" },
      ...[
        useAnswer(registry),
        quantizationAnswer(registry),
        fitAnswer(registry),
        changedAnswer(registry),
        trustAnswer(records),
      ].map(answerCard),
    ),
  ]
}
