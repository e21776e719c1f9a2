import { absent, measured, type Metric, type Scored, type Units } from "@rigbook/core"
import { weightedMean } from "./Quality.ts"
import { isRight } from "./Replies.ts"

/* Figures of replies to questions whose right answer is known, as plain shares; intervals are drawn again over questions. Source: ours. */

const tasks = { unit: "score", better: "higher", tasks: ["generate"], under: "tasks", views: ["runs", "live"] } as const

/** Questions whose reply has the right answer / all questions. */
export const accuracy: Metric = {
  ...tasks,
  ...overQuestions((right) => right === true),
  id: "accuracy",
  title: "Accuracy",
  definition: "questions whose reply has the right answer / all questions",
  roles: ["compared"],
}

/** Questions whose reply has an answer, right or wrong / all questions. */
export const answered: Metric = {
  ...tasks,
  ...overQuestions((right) => right !== undefined),
  id: "answered",
  title: "Replies with an answer",
  definition: "questions whose reply has an answer, right or wrong / all questions",
}

function overQuestions(counts: (right: boolean | undefined) => boolean): Pick<Metric, "measure" | "units"> {
  const unitsOf = (scored: Scored): Units | undefined => {
    if (scored.measure !== "tasks" || scored.questions.length === 0) return undefined
    const values = scored.questions.map((question) => Number(counts(isRight(question))))
    return { count: values.length, figure: weightedMean(values) }
  }
  return {
    units: unitsOf,
    measure: ({ scored }) => {
      const units = scored && unitsOf(scored)
      return units === undefined
        ? absent("there is not one reply for each question")
        : measured(units.figure(new Uint32Array(units.count).fill(1)))
    },
  }
}
