/** How a command ended, and what it took. */
export interface CommandResult {
  /** `null` if it was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Processor time of the command itself, without the engines that it starts. */
  readonly cpuMs: number
  /** Resident memory at most. */
  readonly peakMib: number
  /** It took longer than any command may take, and was killed. */
  readonly late?: boolean
  /** What it read has changed the prototype of all objects. */
  readonly polluted?: boolean
  /** It ended the process in which it ran beside others. */
  readonly gone?: boolean
}
