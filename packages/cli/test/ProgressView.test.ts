import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { PassThrough } from "node:stream"
import { barLine, makeProgressView } from "../src/output/ProgressView.ts"

const output = (isTTY: boolean) => {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 }) as unknown as NodeJS.WriteStream
  return { stream, text: () => String((stream as unknown as PassThrough).read() ?? "") }
}

describe("ProgressView", () => {
  it.effect("without a terminal: one line when a step begins and one at its end, no matter how often it tells", () =>
    Effect.gen(function* () {
      const { stream, text } = output(false)
      const view = makeProgressView(stream)
      for (let done = 0; done <= 10; done++) yield* view.tell({ step: "run", detail: `trial ${done}`, done, total: 10 })
      yield* view.tell({ step: "run", detail: "valid", finished: true })
      assert.strictEqual(text(), "… run 0 %: trial 0\n✓ run: valid\n")
    }),
  )

  it.effect("shows what has failed with a cross, and says what to do", () =>
    Effect.gen(function* () {
      for (const isTTY of [false, true]) {
        const { stream, text } = output(isTTY)
        const view = makeProgressView(stream)
        yield* view.tell({ step: "run", detail: "invalid: It is not there. Install it.", finished: true, failed: true })
        view.close()
        assert.include(text(), "✗ run: invalid: It is not there. Install it.")
      }
    }),
  )

  it.effect("on a terminal: a bar, and a line above it for what is finished", () =>
    Effect.gen(function* () {
      const { stream, text } = output(true)
      const view = makeProgressView(stream)
      yield* view.tell({ step: "run", detail: "trial 5", done: 5, total: 10 })
      yield* view.tell({ step: "run", detail: "valid", finished: true })
      view.close()
      const shown = text()
      assert.include(shown, "✓ run: valid")
      assert.notInclude(shown, "undefined")
    }),
  )
})

describe("barLine", () => {
  const step = "smollm2-135m-instruct · llamacpp · cpu · latency-short-chat-1x32"
  const line = (width: number) => barLine({ step, detail: "trial 4 of 10", sized: true }, 0.54, 12, width)

  it("keeps the share and the trial at 60 columns, and the end of the cell's name", () => {
    assert.isAtMost(line(60).length, 60)
    assert.match(line(60), /^54 % ….*short-chat-1x32 · trial 4 of 10 · 12 s$/)
  })

  it("has a bar where there is room, and the whole name", () => {
    assert.include(line(140), `█░`)
    assert.include(line(140), step)
  })

  it("is never wider than the terminal", () => {
    for (const width of [20, 30, 79, 80, 100]) assert.isAtMost(line(width).length, width, String(width))
  })
})
