/** A worker is interrupted so many seconds before its time is over, and keeps what it measured. */
export const GRACE_S = 180

/** Minutes that are requested for a unit: Slurm interrupts it `GRACE_S` before they are over, and up to a minute early. */
export const minutesOf = (seconds: number): number => Math.ceil((seconds + GRACE_S + 60) / 60)

/** The longest unit, in seconds, that a limit of a partition in seconds leaves room for. */
export const longestUnit = (limitS: number): number => Math.max(1, 60 * Math.floor(limitS / 60) - GRACE_S - 60)

/**
 * Seconds of a limit as Slurm writes it: `MINUTES`, `[DAYS-]HOURS:MINUTES:SECONDS`, `MINUTES:SECONDS`. `undefined` for
 * none (`infinite`, `UNLIMITED`) and for what is no time. Pure.
 */
export const secondsOf = (limit: string): number | undefined => {
  const [, days = "0", clock] = /^(?:(\d+)-)?(\d+(?::\d+){0,2})$/.exec(limit.trim()) ?? []
  if (clock === undefined) return undefined
  const parts = clock.split(":").map(Number)
  // Behind days the first part is hours, else minutes stand alone or before seconds.
  const [hours, minutes, seconds] =
    parts.length === 3 ? parts : days !== "0" ? [...parts, 0, 0] : [0, parts[0]!, parts[1] ?? 0]
  return Number(days) * 86_400 + hours! * 3600 + minutes! * 60 + seconds!
}
