import type { Reporter } from "@rigbook/core"
import { RunRecord } from "@rigbook/core"
import { Schema } from "effect"
import { inTime } from "../order.ts"
import { registryIn } from "../parts.ts"
import { linesOf } from "./lines.ts"
import { registryDocument } from "./RegistryDocument.ts"

const encodeRecords = Schema.encodeSync(Schema.Array(RunRecord))

/** Exact figures for programs: the registry as a `RegistryDocument`, reports as complete records. */
export const json: Reporter = {
  id: "json",
  extension: "json",
  // Made from values that were checked when they were read, in the same form: nothing has to be encoded.
  ...registryIn((registry) => linesOf(registryDocument(registry))),
  report: (records) => `${JSON.stringify(encodeRecords(inTime(records)), null, 2)}\n`,
}
