import { figure, withUnit } from "../src/format.ts"
import type { LiveRun } from "../src/html/LivePage.ts"
import type { PageState } from "../src/html/page.ts"
import { element } from "./element.ts"

/**
 * Keeps the page up to date with its server: the current run as trials arrive, and the registry when it has changed.
 * Hidden windows hold no connection.
 */
export const live = (update: (state: PageState) => void): void => {
  const panel = runPanel()
  document.querySelector("main")?.prepend(panel.element)
  let version = ""
  let events: EventSource | undefined

  const fetchState = async (wanted: string) => {
    const response = await fetch("data.json")
    if (!response.ok) return
    // The server is ours, and has the same version as this script.
    update((await response.json()) as PageState)
    version = wanted
  }
  const listen = () => {
    if (events !== undefined) return
    events = new EventSource("events")
    events.addEventListener("open", () => panel.connected(true))
    events.addEventListener("error", () => panel.connected(false))
    events.addEventListener("registry", ({ data }: MessageEvent<string>) => {
      // The first one names the version that the page was made from.
      if (version === "") version = document.documentElement.dataset["live"] ?? ""
      if (data !== version) void fetchState(data).catch(() => panel.connected(false))
    })
    events.addEventListener("run", ({ data }: MessageEvent<string>) => panel.show(JSON.parse(data) as LiveRun | null))
  }
  const follow = () => {
    if (document.visibilityState === "visible") return listen()
    events?.close()
    events = undefined
  }
  document.addEventListener("visibilitychange", follow)
  follow()
}

/** The current run: its cell, its progress, its figures so far, and what comes next. */
const runPanel = () => {
  const state = element("p", { class: "state", role: "status" }, "Connecting …")
  const content = element("div", {})
  const shell = element(
    "section",
    { id: "live", "aria-label": "The current run" },
    element("h2", {}, "Now"),
    state,
    content,
  )
  let shown: LiveRun | null = null
  const tell = (text: string) => {
    if (state.textContent !== text) state.textContent = text
  }
  return {
    element: shell,
    connected: (is: boolean) => {
      shell.classList.toggle("lost", !is)
      if (!is) tell("The server does not answer; this is its last state. Start it again with: rigbook serve")
      else tell(headline(shown))
    },
    show: (run: LiveRun | null) => {
      shown = run
      tell(headline(run))
      content.replaceChildren(...(run === null ? [] : contentOf(run)))
    },
  }
}

const headline = (run: LiveRun | null): string => {
  if (run === null) return "Nothing is being measured. Start with: rigbook run"
  const place = run.cells === 0 ? "" : `Cell ${Math.min(run.done + 1, run.cells)} of ${run.cells}: `
  return run.cell === undefined ? `${place}preparing` : `${place}${run.cell.name}, ${run.cell.step}`
}

const contentOf = ({ cell, next }: LiveRun): ReadonlyArray<Node> => [
  ...(cell === undefined ? [] : cellContent(cell)),
  ...(next.length === 0
    ? []
    : [
        element("p", { class: "small" }, next.length === 1 ? "Next:" : `Next, ${next.length} cells:`),
        element("ol", { class: "small" }, ...next.slice(0, NEXT).map((name) => element("li", {}, name))),
        ...(next.length > NEXT ? [element("p", { class: "small" }, `and ${next.length - NEXT} more`)] : []),
      ]),
]

const NEXT = 5

const cellContent = ({ backend, done, figures, placement, scenario, total }: NonNullable<LiveRun["cell"]>) => [
  element("p", { class: "small" }, `${backend} on ${placement}, ${scenario}`),
  element("progress", { max: String(total), value: String(done), "aria-label": `${done} of ${total} trials` }),
  element(
    "dl",
    { class: "live-figures" },
    ...figures.flatMap(({ title, unit, value }) =>
      typeof value === "string"
        ? []
        : [
            element(
              "div",
              {},
              element("dt", {}, withUnit(title, unit)),
              element("dd", {}, figure(value.median, unit)),
              element("dd", { class: "small" }, trialsText(value.trials, unit)),
            ),
          ],
    ),
  ),
]

/** The trials so far; if there are many, the last ones. */
const trialsText = (trials: ReadonlyArray<number | null>, unit: string): string => {
  const shown = trials.slice(-LAST).map((trial) => (trial === null ? "–" : figure(trial, unit)))
  return `${trials.length === 1 ? "1 trial" : `median of ${trials.length} trials`}: ${trials.length > LAST ? "… " : ""}${shown.join(", ")}`
}

const LAST = 6
