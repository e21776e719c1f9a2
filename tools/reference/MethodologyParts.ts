import { METRICS, REASONS } from "@rigbook/core"
import type { Entry } from "./PublicNames.ts"

/** Every metric by its definition, as the registry shows it. */
export const metricsPart = (): string =>
  [
    "| metric | unit | better | of | how a trial's value is made |",
    "| :-- | :-- | :-- | :-- | :-- |",
    ...METRICS.map(
      ({ better, definition, id, per, tasks, title, under, unit }) =>
        `| ${title} (\`${id}\`) | ${unit} | ${better} | ${[...tasks, ...(under === undefined ? [] : ["loads only"]), ...(per === undefined ? [] : ["each opening"])].join(", ")} | ${cell(definition)} |`,
    ),
  ].join("\n")

/** Every public statistic by its docstring. */
export const statisticsPart = (entries: ReadonlyArray<Entry>): string =>
  entries
    .flatMap(({ names }) => names)
    .filter(({ file, kind }) => file.startsWith("packages/core/src/statistics/") && kind === "function")
    .map(({ doc, name }) => `- **\`${name}\`**: ${doc.replaceAll(/\s+/g, " ")}`)
    .join("\n")

/** Every reason of a verdict. */
export const reasonsPart = (): string =>
  [
    "| reason | level | what to do |",
    "| :-- | :-- | :-- |",
    ...Object.entries(REASONS).map(([code, { advice, level }]) => `| \`${code}\` | ${level} | ${cell(advice)} |`),
  ].join("\n")

const cell = (text: string): string => text.replaceAll("|", "\\|")
