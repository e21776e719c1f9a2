import { assert, describe, it } from "@effect/vitest"
import { isGitAddress } from "../src/sharing/Git.ts"
import { namesOf } from "../src/sharing/PrivateNames.ts"

describe("isGitAddress", () => {
  it.each(["https://a.example/alice/rig.git", "ssh://me@box:22/rig", "git@a.example:alice/rig.git"])(
    "takes %s",
    (word) => {
      assert.isTrue(isGitAddress(word))
    },
  )

  it.each([
    "ext::sh -c id",
    "http://a.example/rig.git",
    "git://a.example/rig.git",
    "file:///etc",
    "https://-oProxyCommand=id/x",
    "ssh://-oProxyCommand=id/x",
    "-oProxyCommand=id@a.example:x",
    "me@-oProxyCommand=id:x",
    "me@a.example:--upload-pack=id",
    "rig",
    "cellar:bench",
  ])("does not take %s", (word) => {
    assert.isFalse(isGitAddress(word))
  })
})

describe("namesOf", () => {
  it("has accounts and machines, full names and short ones, and no word that everybody has", () => {
    const names = namesOf(["mjones", undefined, "wopr.corp.example", "root", "10.0.0.7", "me", "mjones"], ["ai", ""])
    assert.deepStrictEqual(names, ["mjones", "wopr.corp.example", "wopr", "ai"])
  })
})
