import { assert, describe, it } from "@effect/vitest"
import { uvVariables } from "../../../src/engine/install/PipSettings.ts"

describe("uvVariables", () => {
  it("passes on the index and the folders of wheels", () => {
    const list = ["global.cert='/a.pem'", "global.find-links='/w'", "global.index-url='https://i/simple'", ""].join(
      "\n",
    )
    assert.deepStrictEqual(uvVariables(list, {}), { UV_DEFAULT_INDEX: "https://i/simple", UV_FIND_LINKS: "/w" })
  })

  it("takes the index that pip would take: the last one, the environment's", () => {
    const list = "global.index-url='https://a'\n:env:.index-url='https://b'"
    assert.deepStrictEqual(uvVariables(list, {}), { UV_DEFAULT_INDEX: "https://b" })
  })

  it("takes every folder once, however they are set apart", () => {
    const list = "global.find-links='/a\\n/b'\n:env:.find-links='/b /c'"
    assert.deepStrictEqual(uvVariables(list, {}), { UV_FIND_LINKS: "/a,/b,/c" })
  })

  it("leaves uv's own settings alone", () => {
    const list = "global.index-url='https://a'\nglobal.find-links='/w'"
    assert.deepStrictEqual(uvVariables(list, { UV_DEFAULT_INDEX: "https://u", UV_FIND_LINKS: "/u" }), {})
  })

  it("gives nothing for what is not pip's list", () => {
    assert.deepStrictEqual(uvVariables("", {}), {})
    assert.deepStrictEqual(uvVariables("WARNING: something\ndownload.index-url='https://a'", {}), {})
  })
})
