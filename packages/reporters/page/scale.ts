/** Values that differ by more than this are easier to tell apart on a logarithmic axis. */
const WIDE = 20

/** Whether an axis of these values should be logarithmic: they are positive, and far apart. Pure. */
export const isLogarithmic = (values: ReadonlyArray<number>): boolean => {
  const [low, high] = extent(values)
  return low > 0 && high / low > WIDE
}

/** From where to where an axis goes, with room around the outermost values. Pure. */
export const rangeOf = (values: ReadonlyArray<number>, logarithmic: boolean): [number, number] => {
  const [low, high] = extent(values)
  if (logarithmic) return [low / 1.3, high * 1.3]
  // Values that are nearly the same are shown as such.
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.02) || 0.08
  // A scale of figures that can't be negative does not go below zero.
  return [low >= 0 ? Math.max(0, low - room) : low - room, high + room]
}

/** How many ticks an axis has at most. */
const MOST = 7

/** Round values for an axis' ticks: of powers of ten, or of two for bytes. Pure. */
export const ticksOf = (low: number, high: number, logarithmic: boolean, binary: boolean): Array<number> => {
  const base = binary ? 2 : 10
  if (!logarithmic) {
    const steps = binary ? [1] : [1, 2, 5]
    const wanted = (high - low) / MOST
    const step = powersBetween(wanted / base, wanted * base, base)
      .flatMap((power) => steps.map((times) => times * power))
      .find((candidate) => candidate >= wanted)!
    const first = Math.ceil(low / step)
    return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step)
  }
  const powers = powersBetween(low, high, base)
  const fine = binary ? powers : powers.flatMap((power) => [power, 2 * power, 5 * power])
  const inside = (values: ReadonlyArray<number>) => values.filter((value) => value >= low && value <= high)
  const every = Math.ceil(inside(powers).length / MOST)
  return inside(fine).length <= MOST + 2 ? inside(fine) : inside(powers).filter((_, index) => index % every === 0)
}

const powersBetween = (low: number, high: number, base: number): ReadonlyArray<number> => {
  const [first, last] = [low, high].map((value) => Math.floor(Math.log(value) / Math.log(base)))
  return first === undefined || last === undefined || !Number.isFinite(first + last)
    ? []
    : Array.from({ length: last - first + 1 }, (_, index) => base ** (first + index))
}

const extent = (values: ReadonlyArray<number>): readonly [number, number] =>
  values.reduce<readonly [number, number]>(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  )
