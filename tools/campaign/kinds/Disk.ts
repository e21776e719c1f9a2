import { spawnSync } from "node:child_process"
import { kind } from "../Fault.ts"

/** Whether a disk can be mounted here: that takes a namespace of its own, which some containers refuse. */
export const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0

const RESULTS = "benchmarks/results"
const HOWS = [
  "full",
  "read-only",
  "file-size",
  "open-files",
  "stdout-full",
  "stderr-full",
  "stdout-closed",
  "no-cache",
] as const

interface Case {
  readonly how: (typeof HOWS)[number]
  /** KiB of the disk, blocks of a file, or open files. */
  readonly size: number
  readonly config: "a" | "b"
}

/** What stands around a command on a disk that is small: its results are copied to it, and back when it has ended. */
const onDisk = (more: string, kib: number): string =>
  `exec unshare -rm sh -c '
mkdir ../copy && cp -a ${RESULTS}/. ../copy/
mount -t tmpfs -o size=$(($(du -sk ../copy | cut -f1) + ${kib}))k none ${RESULTS} && cp -a ../copy/. ${RESULTS}/ || exit 77
${more}
"$@"
code=$?
rm -rf ../copy && mkdir ../copy && cp -a ${RESULTS}/. ../copy/ && umount ${RESULTS}
rm -rf ${RESULTS}/* && cp -a ../copy/. ${RESULTS}/ && rm -rf ../copy
exit $code' sh "$@"`

/** What stands before the program in a shell. */
const SHELLS: Readonly<Record<Case["how"], (size: number) => string>> = {
  full: (size) => onDisk("", 16 + size),
  "read-only": () => onDisk(`mount -o remount,ro ${RESULTS}`, 1024),
  "file-size": (size) => `ulimit -f ${Math.ceil(size / 4)}; exec "$@"`,
  "open-files": (size) => `ulimit -n ${64 + size}; exec "$@"`,
  "stdout-full": () => 'exec "$@" >/dev/full',
  "stderr-full": () => 'exec "$@" 2>/dev/full',
  "stdout-closed": () => 'exec "$@" >&-',
  "no-cache": () => 'RIGBOOK_CACHE=/proc/nothing/here exec "$@"',
}

/** Disks that are full or read-only, limits of a shell, streams that take nothing. */
export const disk = kind<Case>({
  name: "disk",
  share: 7,
  draw: (draws) => ({
    how: draws.pick(["full", "full", ...HOWS] as const),
    size: draws.int(0, 80),
    config: draws.pick(["a", "b"] as const),
  }),
  inject: async ({ config, how, size }, testbed) => {
    if (!canMount && (how === "full" || how === "read-only")) return
    const { code, late, stderr } = await testbed.program(["run", config, "--fresh"], { shell: SHELLS[how](size) })
    if (late !== true && ![0, 1, 2].includes(code ?? -1))
      testbed.violated("exit-code", `exit ${code}: ${stderr.slice(-300)}`)
    if (how === "read-only" && !stderr.includes("read-only"))
      testbed.violated("exit-code", `the disk is read-only, but: ${stderr.slice(-300)}`)
    await testbed.settled([config])
  },
})
