import { masked, plainLines } from "@rigbook/core"
import { randomInt } from "node:crypto"
import { styleText } from "node:util"

/**
 * Our colours bear numbers that nobody else knows, so that `terminalText` can tell them from those in a model's name or a
 * server's message. Libraries that measure a text take them for colours.
 */
const OURS = Array.from({ length: 4 }, () => randomInt(1000, 10_000)).join(";")

// oxlint-disable-next-line no-control-regex -- what begins a colour is a control character.
const COLOUR = new RegExp(`\u001B\\[${OURS};([\\d;]*)m`)

/** Text in colours, where standard output shows them; `terminalText` has to see it before it is printed. */
export const styled = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, plainLines(text)).replaceAll("\u001B[", `\u001B[${OURS};`)

/**
 * Any text as a terminal may get it: no control character steers it, nothing turns the direction of writing, no secret is
 * in it. Only our own colours stay. Everything that is printed passes here.
 */
export const terminalText = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 0 ? masked(plainLines(part)) : `\u001B[${part}m`))
    .join("")
