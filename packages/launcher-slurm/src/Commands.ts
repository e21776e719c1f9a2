import { HostAway, LaunchError } from "@rigbook/core"
import { type CommandFailed, shortCommand } from "@rigbook/core/engine"
import { Effect } from "effect"

/** Runs a command of Slurm: its standard output. */
export interface Commands {
  readonly host: string
  readonly run: (
    command: string,
    args: ReadonlyArray<string>,
    input?: string,
    timeoutMs?: number,
  ) => Effect.Effect<string, Refusal | LaunchError | HostAway>
}

/** Slurm answered, and refuses: what it said. */
export class Refusal {
  readonly _tag = "Refusal"
  readonly said: string
  constructor(said: string) {
    this.said = said
  }
}

/** Variables by which an environment changes what Slurm's commands do or print; a token among them makes steps fail. */
const STEERS = /^(SLURM_(?!CONF$)|SBATCH_|SQUEUE_|SACCT_|SINFO_|SCANCEL_|SCONTROL_|SALLOC_|SRUN_)/

/** An environment without what would change the commands. Pure. */
export const withoutSteering = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !STEERS.test(name)) kept[name] = value
  return kept
}

/**
 * How Slurm's commands say that its controller does not answer, or stopped in the middle of an answer. Of a submission
 * nobody knows then whether it was accepted: it is looked for by name.
 */
const AWAY =
  /Unable to contact slurm controller|Connection (?:refused|reset|aborted|timed out)|timed out|Broken pipe|Transport endpoint|No route to host|Network is unreachable|Zero Bytes were transmitted|Communication connection failure|standby mode|temporarily un(?:able|available)|Unable to connect to.*slurmdbd|Munge|authentication/i

/** Whether what a command of Slurm said is about the controller, and not about what was requested. Pure. */
export const isAway = (said: string): boolean => AWAY.test(said)

/** Limits of an account or a QOS on the jobs that a user has submitted, as `sbatch` names them. */
const SUBMIT_LIMIT = /(?:Max|Grp)Submit(?:Job|Jobs)?(?:Per\w+)?Limit/

/** Whether Slurm refused a job only because the user has as many as allowed: it accepts it once one has ended. Pure. */
export const isSubmitLimit = (said: string): boolean => SUBMIT_LIMIT.test(said)

/** Commands on this machine, a login node of the cluster. */
export const localCommands = (host: string): Commands => ({
  host,
  run: (command, args, input, timeoutMs = 60_000) =>
    shortCommand(command, args, {
      env: withoutSteering(process.env),
      timeoutMs,
      ...(input === undefined ? {} : { input }),
    }).pipe(
      Effect.map(({ stdout }) => stdout),
      Effect.mapError((failed) => failureOf(host, command, failed)),
    ),
})

const failureOf = (host: string, command: string, failed: CommandFailed): Refusal | LaunchError | HostAway => {
  const said = failed.output.trim()
  if (failed.missing)
    return new LaunchError({
      host,
      detail: `this machine has no ${command}.`,
      fix: "Run Rigbook on a login node of the cluster, where Slurm's commands are.",
    })
  if (failed.timedOutMs === undefined && !isAway(said)) return new Refusal(said === "" ? failed.message : said)
  const last = said === "" ? failed.message : said.split("\n").at(-1)
  return new HostAway({
    host,
    detail: `Slurm's controller does not answer: ${last}.`,
    fix: "Jobs run on. Run the command again later.",
  })
}
