import type { PlannedModel, Rating, UseCase } from "@rigbook/core"
import { Order } from "effect"

/** By what the use case requires of a model, then by the verdict, then by name: one order. */
export const nearestOf = (ratings: ReadonlyArray<Rating>, { requires = {} }: UseCase): Rating | undefined => {
  const reach = ({ record: { cell } }: Rating): number => {
    if (requires.parameters !== undefined) return cell.model.parameters ?? 0
    return requires.contextLength === undefined ? 0 : (cell.model.contextLength ?? 0)
  }
  const standing = ({ record }: Rating): number =>
    record.verdict.status === "valid" ? 0 : record.verdict.status === "suspect" ? 1 : 2
  return ratings.toSorted(
    (a, b) =>
      reach(b) - reach(a) ||
      standing(a) - standing(b) ||
      Order.String(a.record.cell.config.id, b.record.cell.config.id) ||
      Order.String(a.record.id, b.record.id),
  )[0]
}

/** Whether a planned model has, by its estimate, what a use case requires. */
export const isFit = ({ estimates, task }: PlannedModel, { requires = {}, task: wanted }: UseCase): boolean => {
  const { contextLength, parameters } = requires
  if (task !== wanted || "absent" in estimates) return false
  return estimates.some(
    ({ longestContext, parameters: has, placement }) =>
      placement !== undefined &&
      has >= (parameters ?? 0) &&
      (contextLength === undefined || ("value" in longestContext && longestContext.value >= contextLength)),
  )
}
