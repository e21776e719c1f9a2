import type { Reporter } from "@rigbook/core"
import { RunRecord } from "@rigbook/core"
import { Schema } from "effect"
import { inTime } from "../order.ts"
import { RegistryDocument, registryDocument } from "./RegistryDocument.ts"

const encodeRegistry = Schema.encodeSync(RegistryDocument)
const encodeRecords = Schema.encodeSync(Schema.Array(RunRecord))

/** Exact figures for programs: the registry as a `RegistryDocument`, reports as whole records. */
export const json: Reporter = {
  id: "json",
  extension: "json",
  registry: (registry) => print(encodeRegistry(registryDocument(registry))),
  report: (records) => print(encodeRecords(inTime(records))),
}

const print = (document: unknown): string => `${JSON.stringify(document, null, 2)}\n`
