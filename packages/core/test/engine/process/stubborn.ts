/** Arguments for `sh`: a child with a grandchild, both deaf to SIGTERM, that tells their process ids on its output. */
export const STUBBORN = ["-c", `trap '' TERM; sleep 600 & echo "pids $$ $!"; wait`]

/** The same, but only the grandchild is deaf. */
export const LEAVES_ONE_BEHIND = ["-c", `(trap '' TERM; exec sleep 600) & echo "pids $$ $!"; wait`]

/** The process ids in the log of one of these, once they are there. */
export const pidsIn = (log: string): ReadonlyArray<number> | undefined =>
  /^pids (\d+) (\d+)$/m.exec(log)?.slice(1).map(Number)
