import { medianOf, type Rated, type Rating, type Recommendation, type UseCase } from "@rigbook/core"
import { metricOf } from "@rigbook/records"

/**
 * The best for each use case and host: one rating a family, that of its best run, and of several that the stars can't tell
 * apart the one that takes least memory. Valid runs come first: suspect ones are
 * recommended only where no valid one is rated. `families`: of each config its family; a config that is not in it stands for
 * itself. Pure.
 */
export const recommend = (
  useCases: ReadonlyArray<UseCase>,
  ratings: ReadonlyArray<Rating>,
  families: ReadonlyMap<string, string> = new Map(),
): ReadonlyArray<Recommendation> => {
  const hosts = [...new Set(ratings.map(hostOf))].toSorted()
  return hosts.flatMap((host) =>
    useCases.map((useCase) => {
      const candidates = ratings.filter((rating) => rating.useCase.id === useCase.id && hostOf(rating) === host)
      return { useCase, host, result: choose(candidates, families) }
    }),
  )
}

const hostOf = ({ record }: Rating): string => record.cell.host.fingerprint

const choose = (candidates: ReadonlyArray<Rating>, families: ReadonlyMap<string, string>): Recommendation["result"] => {
  const rated = candidates.filter(isRated)
  const valid = rated.filter(({ record }) => record.verdict.status === "valid")
  const [first, ...rest] = bestOfEachFamily(valid.length > 0 ? valid : rated, families)
  if (first === undefined) return { nobody: candidates }
  const tied = rest.filter(({ result }) => result.high >= first.result.low)
  const architectures = new Set([first, ...tied].map(architectureOf))
  return { best: [first, ...tied], alternative: rest.find((rating) => !architectures.has(architectureOf(rating))) }
}

const architectureOf = ({ record }: Rating): string => record.cell.model.architecture

/** By falling score; equal ones by the config's id and the record's, so that the order is the same every time. */
const bestOfEachFamily = (
  ratings: ReadonlyArray<Rated>,
  families: ReadonlyMap<string, string>,
): ReadonlyArray<Rated> => {
  const sorted = ratings.toSorted((a, b) => b.result.score - a.result.score || order(a, b))
  const familyOf = ({ record: { cell } }: Rated): string => families.get(cell.config.id) ?? cell.config.id
  return [...Map.groupBy(sorted, familyOf).values()].map(leastMemory)
}

/** Of runs that the stars can't tell from the best, the one that takes least memory; the best where nobody knows. */
const leastMemory = (ratings: ReadonlyArray<Rated>): Rated => {
  const [best, ...rest] = ratings as readonly [Rated, ...ReadonlyArray<Rated>]
  const tied = rest.filter(({ result }) => result.high >= best.result.low)
  return tied.reduce((least, next) => (memoryOf(next) < memoryOf(least) ? next : least), best)
}

const memoryOf = ({ record }: Rated): number =>
  medianOf(record, metricOf("memory", record.cell.task).id) ?? Number.POSITIVE_INFINITY

const isRated = (rating: Rating): rating is Rated => "stars" in rating.result

const order = (a: Rating, b: Rating): number => {
  const [left, right] = [a, b].map(({ record }) => `${record.cell.config.id}\u0000${record.id}`)
  return left! < right! ? -1 : left! > right! ? 1 : 0
}
