import { PluginError } from "@rigbook/core"

/** What can be shown of anything that was thrown: the first line of its message. */
export const reasonOf = (cause: unknown): string => {
  try {
    const text = cause instanceof Error ? cause.message : String(cause)
    return text.split("\n")[0]!.trim().replace(/\.$/, "") || "an error without a message"
  } catch {
    return "something that has no text"
  }
}

/** A plugin's code threw where it must not: named as the plugin's defect, not as one of Rigbook. */
export const pluginThrew = (plugin: string, what: string, cause: unknown): PluginError =>
  cause instanceof PluginError
    ? cause
    : new PluginError({
        plugin,
        detail: `its ${what} threw an error: ${reasonOf(cause)}.`,
        fix: "Report it to its author.",
      })
