export { csv } from "./csv/CsvReporter.ts"
export { json } from "./json/JsonReporter.ts"
export { RegistryDocument, RegistryEquivalence, RegistryRun, RegistryValue } from "./json/RegistryDocument.ts"
export { markdown } from "./markdown/MarkdownReporter.ts"
