export { changeText, pText } from "./comparison/change.ts"
export { comparisonJunit } from "./comparison/junit.ts"
export { comparisonPage } from "./comparison/markdown.ts"
export { csv } from "./csv/CsvReporter.ts"
export { html } from "./html/HtmlReporter.ts"
export { livePage, liveRun, type LiveRun, liveState } from "./html/LivePage.ts"
export { json } from "./json/JsonReporter.ts"
export { comparables } from "./json/Comparables.ts"
export {
  RegistryDocument,
  RegistryEquivalence,
  RegistryLadder,
  RegistryRun,
  RegistryValue,
} from "./json/RegistryDocument.ts"
export { reportPath } from "./paths.ts"
export { telemetrySpec, telemetrySvg, type VegaLiteSpec } from "./TelemetryPlot.ts"
export { markdown } from "./markdown/MarkdownReporter.ts"
export { type DeviceMemory, memoryOf } from "./Memory.ts"
export { type PlacementGroup, placementScaling } from "./PlacementScaling.ts"
export { type SideBySide, sideBySide, type Varying } from "./SideBySide.ts"
