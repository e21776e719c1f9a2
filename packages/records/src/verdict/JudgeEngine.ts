import { type EngineIdentity, reason, type VerdictReason } from "@rigbook/core"
import type { OpeningIdentity } from "../journal/Journal.ts"

/** What the engine reported, and when. */
interface Given {
  readonly when: string
  readonly identity: EngineIdentity
}

/**
 * Whether one engine ran all trials, by what it reported when it was opened and at the end: its program over all
 * openings, its process within each. A missing answer is unknown, not a change. Pure.
 */
export const judgeEngine = (openings: ReadonlyArray<OpeningIdentity>): ReadonlyArray<VerdictReason> => {
  const given = openings.map(({ closed, opened }, index) => {
    const at = openings.length === 1 ? "" : ` of opening ${index + 1}`
    return [
      ...(opened === undefined ? [] : [{ when: `at the start${at}`, identity: opened }]),
      ...(closed === undefined ? [] : [{ when: `at the end${at}`, identity: closed }]),
    ]
  })
  const all = given.flat()
  const changes = [
    ...changesOf(all, ({ program }) => program),
    ...given.flatMap((opening) => changesOf(opening, ({ process }) => process)),
  ]
  const unknown = all.find(({ identity }) => identity.absent !== undefined)
  return [
    ...(changes.length === 0 ? [] : [reason("engine-changed", changes.join("; "))]),
    ...(unknown === undefined
      ? []
      : [reason("engine-unverified", `the engine's identity ${unknown.when} is unknown: ${unknown.identity.absent}`)]),
  ]
}

/** Facts whose value changed, each with the first change. */
const changesOf = (
  given: ReadonlyArray<Given>,
  part: (identity: EngineIdentity) => Readonly<Record<string, string>>,
): ReadonlyArray<string> => {
  const names = new Set(given.flatMap(({ identity }) => Object.keys(part(identity))))
  return [...names].flatMap((name) => {
    // Nothing follows from what is missing in an incomplete answer.
    const values = given
      .map(({ identity, when }) => ({ when, value: part(identity)[name], whole: identity.absent === undefined }))
      .filter(({ value, whole }) => value !== undefined || whole)
    const [first] = values
    const other = values.find(({ value }) => value !== first?.value)
    return first === undefined || other === undefined
      ? []
      : [`${name} was ${said(first.value)} ${first.when}, and ${said(other.value)} ${other.when}`]
  })
}

const said = (value: string | undefined): string => value ?? "not reported"
