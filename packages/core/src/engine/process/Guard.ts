import { markText, ownMark } from "./ProcessMark.ts"
import { setpriv } from "./Setpriv.ts"

/**
 * Does this when it is continued and `parent` has ended. CONT is the one signal that also reaches a process which is
 * stopped. Whoever else sends it changes nothing: the kernel names another parent before it signals.
 */
const onOrphaned = (parent: string, what: string): string => `
orphaned() { { read -r _ _ _ now _ </proc/$$/stat; } 2>/dev/null && [ "$now" != "${parent}" ]; }
trap 'if orphaned; then
  ${what}
fi' CONT`

/** In a process of its own: the shell that begins it may be stopped meanwhile. */
const END_GROUP = `
end_group() {
  trap '' TERM INT
  trap 'kill -KILL 0' HUP
  kill -TERM 0
  tenths=$((GUARD_GRACE * 10))
  while [ $tenths -gt 0 ]; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -KILL 0
}
`

/**
 * A POSIX shell script that runs a command and ends its whole process group once the tether, a pipe on file descriptor 9,
 * closes. File descriptor 8 is the command's standard input: what runs in the background gets none by itself.
 *
 * We hold the other end of that pipe, so the group ends however we end, even by SIGKILL. The watcher starts
 * before the guard ignores signals, so that it can be ended; it closes the command's own streams, so
 * that they close when the command does. Once we have ended, the command gets a grace period; what it leaves behind is
 * killed. If the command ends first, the guard terminates its leftovers, and waits for the watcher: as an
 * orphan it would stay in the group until init collects it.
 *
 * On Linux the kernel holds three more tethers (see `guarded`), for guards can be killed or stopped, too: when we end it
 * continues the guard, which then ends the group as the watcher would; when the guard ends it continues `INNER`, which does the
 * same; and it kills the command when `INNER` ends.
 */
const SCRIPT = `${END_GROUP}(
  while read -r _ <&9; do :; done
  end_group
) </dev/null >/dev/null 2>&1 3>&- 4<&- 5>&- 8<&- &
watcher=$!
take_over() {
  kill -KILL $watcher
  end_group 4<&- 5>&- &
  watcher=$!
} >/dev/null 2>&1
trap : TERM INT HUP
${onOrphaned("$PPID", "take_over")}
export RIGBOOK_GROUP=$$
"$@" <&8 8<&- 9<&- &
child=$!
exec 3>&- 8<&- 9<&-
while wait $child; rc=$?; kill -0 $child 2>/dev/null; do :; done
kill -TERM 0
kill -HUP $watcher 2>/dev/null
wait $watcher 2>/dev/null
exit $rc
`

/** Runs the command, reports its process id on file descriptor 3, and ends the group when the guard was killed. */
const INNER = `
exec 8<&0
${END_GROUP}
trap : TERM INT HUP
${onOrphaned("$RIGBOOK_GROUP", "end_group >/dev/null 2>&1 3>&- 4<&- 5>&- 8<&- &")}
"$@" <&8 3>&- 8<&- &
child=$!
{ echo $child >&3; } 2>/dev/null
exec 3>&- 4<&- 5>&- 8<&-
while wait $child; rc=$?; kill -0 $child 2>/dev/null; do :; done
exit $rc
`

/** The names that these shells carry in process lists, which distinguish them from what they guard. */
export const GUARD_NAME = "rigbook-guard"
const INNER_NAME = "rigbook-tether"

/** Whether a process is one of them, or is about to be, by its arguments as /proc has them. Pure. */
export const isGuard = (commandLine: string): boolean =>
  commandLine
    .split("\0")
    .slice(0, 8)
    .some((argument) => argument === GUARD_NAME || argument === INNER_NAME)

/** Where the tether comes from: standard input, which the command then does not have, or file descriptor 3. */
const TETHERS = { stdin: "exec 9<&0 </dev/null 8</dev/null", fd3: "exec 9<&3 3<&- 8<&0" } as const

/** By these a later run finds what a guard could not end: who started it, and the process group of its guard. */
export const OWNER = "RIGBOOK_OWNER"
export const GROUP = "RIGBOOK_GROUP"

/** What the environment of a guard must have beside that of its command. */
export const guardEnvironment = (): Readonly<Record<string, string>> => ({
  /** Seconds between SIGTERM and SIGKILL after we have ended. */
  GUARD_GRACE: "2",
  [OWNER]: markText(ownMark()),
  // A launcher finds what a unit has started by it.
  ...(process.env["RIGBOOK_UNIT"] === undefined ? {} : { RIGBOOK_UNIT: process.env["RIGBOOK_UNIT"] }),
  /** The guard sets it for its command. */
  [GROUP]: "",
})

/** The command line that runs `command` under the guard. Its environment must hold `guardEnvironment`. */
export const guarded = (
  command: string,
  args: ReadonlyArray<string>,
  tether: keyof typeof TETHERS = "stdin",
): { readonly command: string; readonly args: ReadonlyArray<string> } => {
  const kernel = setpriv()
  const signalled = (signal: string) => (kernel === undefined ? [] : [kernel, "--pdeathsig", signal, "--"])
  const shell = (script: string, name: string) => ["/bin/sh", "-c", script, name]
  const [program, ...rest] = [
    ...signalled("CONT"),
    ...shell(`${TETHERS[tether]}${SCRIPT}`, GUARD_NAME),
    ...signalled("CONT"),
    ...shell(INNER, INNER_NAME),
    ...signalled("KILL"),
    command,
    ...args,
  ]
  return { command: program!, args: rest }
}
