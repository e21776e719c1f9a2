/**
 * A POSIX shell script that runs a command and ends its whole process group once standard input closes.
 *
 * We hold the other end of that pipe, so the group ends however we end, even by SIGKILL. The watcher starts
 * before the guard ignores signals, so that it can be ended; it closes the command's own streams, so
 * that they close when the command does. Once we have ended, the command gets a grace period; what it leaves behind is
 * killed. If the command ends first, the guard terminates its leftovers, and waits for the watcher: as an
 * orphan it would stay in the group until init collects it.
 */
const SCRIPT = `
exec 9<&0 </dev/null
(
  while read -r _ <&9; do :; done
  trap '' TERM INT
  trap 'kill -KILL 0' HUP
  kill -TERM 0
  tenths=$((GUARD_GRACE * 10))
  while [ $tenths -gt 0 ]; do sleep 0.1; tenths=$((tenths - 1)); done
  kill -KILL 0
) >/dev/null 2>&1 3>&- 4<&- 5>&- &
watcher=$!
trap : TERM INT HUP
"$@" 3>&- 9<&- &
child=$!
{ echo $child >&3; } 2>/dev/null
exec 3>&- 9<&-
while wait $child; rc=$?; kill -0 $child 2>/dev/null; do :; done
kill -TERM 0
kill -HUP $watcher 2>/dev/null
wait $watcher 2>/dev/null
exit $rc
`

/** The name that guards carry in process lists, which distinguishes them from what they guard. */
export const GUARD_NAME = "rigbook-guard"

/** Seconds between SIGTERM and SIGKILL after we have ended. */
export const GUARD_GRACE = { GUARD_GRACE: "2" }

/** The command line that runs `command` under the guard. Its environment must hold `GUARD_GRACE`. */
export const guarded = (
  command: string,
  args: ReadonlyArray<string>,
): { readonly command: string; readonly args: ReadonlyArray<string> } => ({
  command: "/bin/sh",
  args: ["-c", SCRIPT, GUARD_NAME, command, ...args],
})
