/** Something on disk that is wrong. */
export interface Finding {
  /** The record that it belongs to; left out for the registry's own files. */
  readonly record?: string
  /** Relative to the workspace's root. */
  readonly file: string
  /** From 1; left out if the complete file is meant. */
  readonly line?: number
  readonly detail: string
  readonly expected?: string
  readonly found?: string
}

/** `file:line: detail`, and what was expected and found, a line each. */
export const findingText = ({ detail, expected, file, found, line }: Finding): string =>
  [
    `${file}${line === undefined ? "" : `:${line}`}: ${detail}`,
    ...(expected === undefined ? [] : [`  expected: ${expected.trim()}`]),
    ...(found === undefined ? [] : [`  found:    ${found.trim()}`]),
  ].join("\n")
