import type { Rated, Rating, Recommendation, UseCase } from "@rigbook/core"

/** The best for each use case and host: one rating a model, that of its best run. Pure. */
export const recommend = (
  useCases: ReadonlyArray<UseCase>,
  ratings: ReadonlyArray<Rating>,
): ReadonlyArray<Recommendation> => {
  const hosts = [...new Set(ratings.map(hostOf))].toSorted()
  return hosts.flatMap((host) =>
    useCases.map((useCase) => {
      const candidates = ratings.filter((rating) => rating.useCase.id === useCase.id && hostOf(rating) === host)
      return { useCase, host, result: choose(candidates) }
    }),
  )
}

const hostOf = ({ record }: Rating): string => record.cell.host.fingerprint

const choose = (candidates: ReadonlyArray<Rating>): Recommendation["result"] => {
  const [first, ...rest] = bestOfEachModel(candidates)
  if (first === undefined) return { nobody: candidates }
  const tied = rest.filter(({ result }) => result.high >= first.result.low)
  const families = new Set([first, ...tied].map(familyOf))
  return { best: [first, ...tied], alternative: rest.find((rating) => !families.has(familyOf(rating))) }
}

const familyOf = ({ record }: Rating): string => record.cell.model.architecture

/** By falling score; equal ones by the config's id and the record's, so that the order is the same every time. */
const bestOfEachModel = (ratings: ReadonlyArray<Rating>): ReadonlyArray<Rated> => {
  const sorted = ratings.filter(isRated).toSorted((a, b) => b.result.score - a.result.score || order(a, b))
  return [...Map.groupBy(sorted, ({ record }) => record.cell.config.id).values()].map(([best]) => best!)
}

const isRated = (rating: Rating): rating is Rated => "stars" in rating.result

const order = (a: Rating, b: Rating): number => {
  const [left, right] = [a, b].map(({ record }) => `${record.cell.config.id}\u0000${record.id}`)
  return left! < right! ? -1 : left! > right! ? 1 : 0
}
