import type { CampaignTestbed } from "./Testbed.ts"
import { drawsOf } from "./Draws.ts"
import type { AnyKind, Violation } from "./Fault.ts"
import { shrink } from "./Shrink.ts"

/** A fault that broke an invariant, made as small as it could be. */
export interface FoundFault {
  readonly kind: string
  readonly fault: unknown
  readonly violation: Violation
}

export interface Count {
  readonly kind: string
  readonly injections: number
  /** Commands by the program itself, in a process of its own. */
  readonly programs: number
  readonly violations: number
}

export interface Outcome {
  readonly counts: ReadonlyArray<Count>
  readonly found: ReadonlyArray<FoundFault>
}

export interface Settings {
  readonly seed: number
  readonly kinds: ReadonlyArray<AnyKind>
  /** Ends after so many faults, or as soon as so many minutes have passed. */
  readonly faults: number
  readonly minutes: number
  /** Tries to make each find smaller. */
  readonly tries: number
  /** Ends with the first find. */
  readonly first: boolean
  readonly onFound: (found: FoundFault) => void
  /** After each fault: how many there were, and how many were found. */
  readonly onInjected?: (injected: number, found: number) => void
}

/** Injects faults that are drawn from a seed, one after the other. The nth is the same whatever came before it. */
export const campaign = async (testbed: CampaignTestbed, settings: Settings): Promise<Outcome> => {
  const { faults, first, kinds, minutes, onFound, seed, tries } = settings
  const counts = new Map(kinds.map(({ name }) => [name, { injections: 0, programs: 0, violations: 0 }]))
  const found: Array<FoundFault> = []
  const end = performance.now() + minutes * 60_000
  for (let at = 0; at < faults && performance.now() < end; at++) {
    const draws = drawsOf(`${seed}/${at}`)
    const kind = drawKind(kinds, draws.int(0, 1_000_000) / 1_000_001)
    const fault = kind.draw(draws)
    const { programs, violations } = await testbed.inject(kind, fault).catch((cause: unknown) => {
      throw new Error(`The campaign failed itself: --kind ${kind.name} --case '${JSON.stringify(fault)}'`, { cause })
    })
    const count = counts.get(kind.name)!
    count.injections++
    count.programs += programs
    const [violation] = violations
    settings.onInjected?.(at + 1, found.length + (violation === undefined ? 0 : 1))
    if (violation === undefined) continue
    count.violations++
    const holds = async (next: unknown): Promise<boolean> =>
      (await testbed.inject(kind, next)).violations.some(({ invariant }) => invariant === violation.invariant)
    const one = { kind: kind.name, fault: await shrink(fault, holds, tries), violation }
    found.push(one)
    onFound(one)
    if (first) break
  }
  return { counts: [...counts].map(([kind, count]) => ({ kind, ...count })), found }
}

/** By their shares; of those that have none, each as often. */
const drawKind = (kinds: ReadonlyArray<AnyKind>, draw: number): AnyKind => {
  const whole = kinds.reduce((sum, { share }) => sum + share, 0)
  if (whole === 0) return kinds[Math.floor(draw * kinds.length)]!
  let rest = draw * whole
  return kinds.find(({ share }) => (rest -= share) < 0) ?? kinds.at(-1)!
}
