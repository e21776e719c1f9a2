import { readRecords } from "@rigbook/records"
import { Effect } from "effect"
import { EXIT } from "../Failure.ts"
import { cardText } from "../output/CardText.ts"
import { printData } from "../output/Print.ts"
import { findRecord } from "./FindRecord.ts"
import { openWorkspace } from "./OpenWorkspace.ts"

/** What `rigbook card` was called with. */
export interface CardInput {
  readonly record: string
}

/** Prints a short text about a record, to paste. */
export const card = Effect.fn("Card.card")(function* ({ record: text }: CardInput) {
  const workspace = yield* openWorkspace
  const record = yield* findRecord(workspace, text)
  const { records } = yield* readRecords(workspace.raw)
  yield* printData(cardText(record, records))
  return EXIT.done
})
