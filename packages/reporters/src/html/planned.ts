import type { NextStep, PlannedEstimate, PlannedModel, Registry } from "@rigbook/core"
import { placementName, visible, weightCount } from "@rigbook/core"
import { bytes, MISSING, significant } from "../format.ts"
import { href } from "../markdown/escape.ts"
import { REGISTRY_FOLDER, relativePath } from "../paths.ts"
import { type Markup, markup, section } from "../markup/markup.ts"

/** A card for each planned model, with the memory it will need; nothing without planned models. */
export const plannedSection = ({ planned }: Pick<Registry, "planned">): ReadonlyArray<Markup> =>
  planned.length === 0
    ? []
    : [
        section(
          "planned",
          "Planned models",
          markup(
            "p",
            {},
            "Not measured yet. Memory is estimated from the model's shape for the host that the config names. A model moves to the tables above when it has a record.",
          ),
          markup("div", { class: "cards" }, ...planned.map(card)),
        ),
      ]

const card = ({ estimates, host, license, name, path, priority, strategy, task, use }: PlannedModel): Markup =>
  markup(
    "article",
    { class: "card" },
    markup("h3", {}, visible(name)),
    markup("p", { class: "small" }, `${KINDS[task]}, planned${priority === "normal" ? "" : `, ${priority} priority`}`),
    markup(
      "dl",
      { class: "facts" },
      fact("Target use", visible(use)),
      fact("Strategy", strategy === undefined ? "not stated in the config" : visible(strategy)),
      fact("Licence", license === undefined ? "not stated in the config" : visible(license)),
      fact("Config", markup("a", { href: href(relativePath(REGISTRY_FOLDER, path)) }, visible(path))),
      ...("absent" in estimates ? [fact("Estimate", `none: ${visible(estimates.absent)}`)] : []),
    ),
    ...("absent" in estimates ? [] : estimates.flatMap((estimate) => estimateOf(estimate, host ?? ""))),
  )

const KINDS = { generate: "Language model", embed: "Embedding model" } as const

/** One thing about a model; a `div` keeps the two together. */
const fact = (name: string, value: Markup | string): Markup =>
  markup("div", {}, markup("dt", {}, name), markup("dd", {}, value))

const estimateOf = (estimate: PlannedEstimate, host: string): ReadonlyArray<Markup> => {
  const { backend, bitsPerWeight, devices, longestContext, parameters, placement, quantization, refused, scenario } =
    estimate
  const nameOf = (id: string): string => devices.find(({ device }) => device === id)?.name ?? id
  const where = placement === undefined ? undefined : placementName(placement, (id) => `${id} ${nameOf(id)}`)
  return [
    markup(
      "dl",
      { class: "facts" },
      fact(
        "Shape",
        `${weightCount(parameters)} weights, ${visible(quantization)} (${significant(bitsPerWeight, 3)} bits per weight)`,
      ),
      fact("Memory", `${bytes(estimate.bytes)} with ${visible(backend)} for ${visible(scenario)}`),
      fact("Placement", where === undefined ? "none is possible" : visible(where)),
      ...(placement !== undefined && placement.devices.length === 1
        ? []
        : refused.map(({ reason, strategy }) => fact(`Not ${visible(strategy)}`, visible(reason)))),
      fact(
        "Longest context",
        "value" in longestContext ? `${longestContext.value} tokens` : `unknown: ${visible(longestContext.absent)}`,
      ),
    ),
    ...(devices.length === 0
      ? []
      : [markup("details", {}, markup("summary", {}, "Memory by device"), deviceTable(estimate, host))]),
  ]
}

const deviceTable = ({ backend, devices }: PlannedEstimate, host: string): Markup => {
  const caption = `Estimated memory on ${visible(host)}, ${visible(backend)}`
  const head = (name: string, className?: string) =>
    markup("th", { scope: "col", ...(className === undefined ? {} : { class: className }) }, name)
  return markup(
    "div",
    { class: "scroll", tabindex: "0", role: "group", "aria-label": caption },
    markup(
      "table",
      {},
      markup("caption", {}, caption),
      markup("thead", {}, markup("tr", {}, head("Device"), head("Estimate", "figure"), head("Free", "figure"))),
      markup(
        "tbody",
        {},
        ...devices.map(({ bytes: estimated, device, freeBytes, name, parts }) =>
          markup(
            "tr",
            {},
            markup(
              "th",
              { scope: "row" },
              visible(device === name ? device : `${device} ${name}`),
              markup(
                "span",
                { class: "small parts" },
                visible(parts.map((part) => `${part.name} ${bytes(part.bytes)}`).join(", ")),
              ),
            ),
            markup("td", { class: "figure" }, bytes(estimated, "GiB")),
            markup("td", { class: "figure" }, freeBytes === undefined ? MISSING : bytes(freeBytes, "GiB")),
          ),
        ),
      ),
    ),
  )
}

/** What is planned and not yet valid; nothing if all is done. */
export const nextStepsSection = ({ entries, nextSteps }: Pick<Registry, "entries" | "nextSteps">) => {
  const known = new Set(entries.map(({ id }) => id))
  return nextSteps.length === 0
    ? []
    : [
        section(
          "next-steps",
          "Next steps",
          markup("ul", {}, ...nextSteps.map((next) => step(next, known.has(next.id)))),
        ),
      ]
}

const step = ({ because, id, name, priority, use }: NextStep, isKnown: boolean): Markup =>
  markup(
    "li",
    {},
    isKnown ? markup("a", { href: `#model=${encodeURIComponent(id)}` }, visible(name)) : markup("b", {}, visible(name)),
    `${priority === "normal" ? "" : ` (${priority} priority)`}: ${visible(because)}. ${use === undefined ? "" : `For: ${visible(use)}. `}Measure it with `,
    markup("code", {}, `rigbook run ${visible(id)}`),
    ".",
  )
