/** What a command of a fault may take at most. Far above what any takes, so that a busy machine finds nothing. */
export const LIMITS = {
  /** Only what hangs reaches it. */
  wallMs: Number(process.env["CAMPAIGN_WALL_MS"] ?? 120_000),
  cpuMs: 30_000,
  memoryMib: 768,
  /** Until the last process of a killed run has ended; the guards give an engine two seconds. */
  orphanMs: 30_000,
} as const
