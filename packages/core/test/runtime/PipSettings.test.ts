import { assert, describe, it } from "@effect/vitest"
import { uvArguments } from "../../src/runtime/PipSettings.ts"

describe("uvArguments", () => {
  it("passes on the index and the folders of wheels", () => {
    const list = ["global.cert='/a.pem'", "global.find-links='/w'", "global.index-url='https://i/simple'", ""].join(
      "\n",
    )
    assert.deepStrictEqual(uvArguments(list, {}), ["--default-index", "https://i/simple", "--find-links", "/w"])
  })

  it("takes the index that pip would take: the last one, the environment's", () => {
    const list = "global.index-url='https://a'\n:env:.index-url='https://b'"
    assert.deepStrictEqual(uvArguments(list, {}), ["--default-index", "https://b"])
  })

  it("takes every folder once, however they are set apart", () => {
    const list = "global.find-links='/a\\n/b'\n:env:.find-links='/b /c'"
    assert.deepStrictEqual(uvArguments(list, {}), ["--find-links", "/a", "--find-links", "/b", "--find-links", "/c"])
  })

  it("leaves uv's own settings alone", () => {
    const list = "global.index-url='https://a'\nglobal.find-links='/w'"
    assert.deepStrictEqual(uvArguments(list, { UV_DEFAULT_INDEX: "https://u", UV_FIND_LINKS: "/u" }), [])
  })

  it("gives nothing for what is not pip's list", () => {
    assert.deepStrictEqual(uvArguments("", {}), [])
    assert.deepStrictEqual(uvArguments("WARNING: something\ndownload.index-url='https://a'", {}), [])
  })
})
