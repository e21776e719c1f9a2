/** A fault that was fixed, and how it is put back. */
export interface FixedFault {
  readonly fault: string
  readonly kind: string
  /** Of the draws, where those of 1 have no case for it early. */
  readonly seed?: number
  readonly file: string
  /** What was put in to fix it, and what stands there without it. */
  readonly fixed: string
  readonly back: string
}

export const FIXED_FAULTS: ReadonlyArray<FixedFault> = [
  {
    fault: "a pipe in place of a file hangs whoever reads it",
    kind: "file",
    file: "packages/core/src/files/ReadFile.ts",
    fixed: "constants.O_RDONLY | NO_WAIT",
    back: "constants.O_RDONLY",
  },
  {
    fault: "a file outside of the workspace is published through a link",
    kind: "file",
    file: "packages/core/src/files/ReadFile.ts",
    fixed: "if (!shared && leavesWorkspace(path))",
    back: "if (!shared && leavesWorkspace(path) && path === '')",
  },
  {
    fault: "a file of any size is read into memory",
    kind: "file",
    file: "packages/core/src/files/ReadFile.ts",
    fixed: "if (size > limit.bytes)",
    back: "if (size > Infinity)",
  },
  {
    fault: "YAML that is nested without end, or made of aliases",
    kind: "config",
    file: "packages/records/src/workspace/YamlBounds.ts",
    fixed: "const MOST_DEPTH = 64",
    back: "const MOST_DEPTH = Infinity",
  },
  {
    fault: "a config with a key in it is taken, and its record keeps the key",
    kind: "secret",
    file: "packages/records/src/workspace/ConfigSecrets.ts",
    fixed: "return of === undefined ? []",
    back: "return of === undefined || path.length >= 0 ? []",
  },
  {
    fault: "a key in the fragment of an address is printed",
    kind: "secret",
    file: "packages/core/src/Secrets.ts",
    fixed: "/([?&#](?:key|token",
    back: "/([?&](?:key|token",
  },
  {
    fault: "a server's control characters reach the terminal",
    kind: "server",
    file: "packages/core/src/Visible.ts",
    fixed: "text.search(INVISIBLE) === -1 ? text",
    back: "text.search(INVISIBLE) >= -1 ? text",
  },
  {
    fault: "an answer without end is read until memory ends",
    kind: "server",
    file: "packages/core/src/engine/process/HttpConnection.ts",
    fixed: "if (received > current.most)",
    back: "if (received > Infinity)",
  },
  {
    fault: "one record mixes two servers",
    kind: "server",
    seed: 48,
    file: "packages/records/src/verdict/JudgeEngine.ts",
    fixed: "...(changes.length === 0 ? []",
    back: "...(changes.length >= 0 ? []",
  },
  {
    fault: "a line that was cut stays in the journal, and what is appended is spoilt",
    kind: "cut",
    file: "packages/records/src/journal/WholeLines.ts",
    fixed: "bytes.lastIndexOf(0x0a) + 1)",
    back: "bytes.length)",
  },
  {
    fault: "verify does not compare the samples with those of the record",
    kind: "damage",
    file: "packages/records/src/verification/VerifyRecord.ts",
    fixed: "findings.push(...differentLines(what, expected, sameRules ? text : yield* recordText(record)))",
    back: "findings.push(...differentLines(what, expected, yield* recordText(record)))",
  },
  {
    fault: "a file that may not grow fails the cell, and what was measured is not resumed",
    kind: "disk",
    file: "packages/core/src/engine/files/Disk.ts",
    fixed: "  EFBIG: (_, needs) => ({\n    everywhere: true,",
    back: "  EFBIG: (_, needs) => ({\n    everywhere: false,",
  },
  {
    fault: "a report that a full disk cut is never written whole",
    kind: "disk",
    file: "packages/cli/src/handlers/WriteReport.ts",
    fixed: "files.toReversed(), ",
    back: "files, ",
  },
  {
    fault: "a plugin ends the program",
    kind: "plugin",
    file: "packages/cli/src/ContainPlugins.ts",
    fixed: "if (isPluginsCall(stack)) throw",
    back: "if (isPluginsCall(stack) && name === 'abort') throw",
  },
  {
    fault: "what a plugin prints spoils JSON",
    kind: "plugin",
    file: "packages/cli/src/ContainPlugins.ts",
    fixed: "  keepStdout()\n",
    back: "",
  },
  {
    fault: "an engine outlives guards that are killed with Rigbook",
    kind: "signal",
    file: "packages/core/src/engine/process/Guard.ts",
    fixed: "kernel === undefined ? [] : [kernel",
    back: "kernel === undefined || signal !== '' ? [] : [kernel",
  },
  {
    fault: "an engine outlives its watcher and its stopped tether",
    kind: "signal",
    file: "packages/core/src/engine/process/Guard.ts",
    fixed: "{ read -r _ _ _ now _",
    back: "false && { read -r _ _ _ now _",
  },
]
