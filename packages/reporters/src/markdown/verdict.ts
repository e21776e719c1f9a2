import type { RunRecord } from "@rigbook/core"
import { failureName } from "../names.ts"
import { blocks, list, sentence, text } from "./escape.ts"

/** A verdict in a table's cell: `valid`, or the reasons against it, and why a run failed. */
export const verdictCell = (record: RunRecord): string => {
  const { reasons, status } = record.verdict
  const failed = failureName(record)
  const because = failed === undefined ? [...new Set(reasons.map(({ code }) => text(code)))].join(", ") : text(failed)
  return because === "" ? status : `${status === "invalid" ? "**invalid**" : status}: ${because}`
}

/** A verdict with its reasons and their advice, in sentences. */
export const verdictSection = ({ failure, verdict }: RunRecord): string =>
  blocks(
    `Verdict: **${verdict.status}**${verdict.reasons.length === 0 ? ", no reasons against it." : "."}`,
    list([
      ...verdict.reasons.map(
        ({ advice, code, detail, level }) => `${codeSpan(code)} (${level}): ${sentence(detail)} ${sentence(advice)}`,
      ),
      ...(failure === undefined
        ? []
        : [
            `${failure.reason._tag} (${text(failure.backend)}): ${sentence(failure.reason.detail)} ${sentence(failure.reason.fix)}`,
          ]),
    ]),
  )

/** A code of another version may be any text. */
const codeSpan = (code: string): string => (/^[\w-]+$/.test(code) ? `\`${code}\`` : text(code))
