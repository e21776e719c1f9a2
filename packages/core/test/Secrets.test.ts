import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { isSecretName, isSecretVariable, keepSecret, masked, secretIn, shownAddress } from "../src/Secrets.ts"

/** Each text with the part of it that nobody may read. */
const SECRETS: ReadonlyArray<readonly [text: string, secret: string]> = [
  ["http://user:made-up-word@10.0.0.7:8000/v1", "made-up-word"],
  ["http://:made-up-word@10.0.0.7:8000/v1", "made-up-word"],
  ["http://made-up-word@10.0.0.7", "made-up-word"],
  ["http://made-up-word:@10.0.0.7", "made-up-word"],
  ["http://user%3Amade-up-word@10.0.0.7", "made-up-word"],
  ["http:user:made-up-word@10.0.0.7", "made-up-word"],
  ["http:/user:made-up-word@10.0.0.7", "made-up-word"],
  ["http:\\\\user:made-up-word@10.0.0.7", "made-up-word"],
  ["HTTPS://user:made-up-word@10.0.0.7", "made-up-word"],
  ["socks5h://user:made-up-word@10.0.0.7", "made-up-word"],
  ["ssh://me:made-up-word@10.0.0.7", "made-up-word"],
  ["http://user:made/up-word@10.0.0.7", "made/up-word"],
  ["http://user:made?up-word@10.0.0.7", "made?up-word"],
  ["http%3A%2F%2Fuser%3Amade-up-word%4010.0.0.7", "made-up-word"],
  ["http://10.0.0.7/v1?api_key=made-up-word", "made-up-word"],
  ["http://10.0.0.7/v1?a=1&key=made-up-word#x", "made-up-word"],
  ["http://10.0.0.7/v1?token=made-up-word", "made-up-word"],
  ["http://10.0.0.7/v1#token=made-up-word", "made-up-word"],
  ["http://10.0.0.7/v1?X-Amz-Signature=made-up-word", "made-up-word"],
  ["http://10.0.0.7/v1%3Fapi_key%3Dmade-up-word", "made-up-word"],
  [`{"api_key": "made-up-word"}`, "made-up-word"],
  ["Incorrect API key provided: sk-made-up-word-123456", "made-up-word-123456"],
  ["sk-proj-Aa1Bb2Cc3Dd4", "Aa1Bb2Cc3Dd4"],
  ["the token hf_madeUpWord123 is not known", "madeUpWord123"],
  ["ghp_madeUpWord123456", "madeUpWord123456"],
  ["github_pat_11AAAAAAA_made_up", "11AAAAAAA_made_up"],
  ["xoxb-123456-made-up", "123456-made-up"],
  ["AKIAIOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"],
  ["AIzaSyMadeUpWordMadeUpWord123", "SyMadeUpWordMadeUpWord123"],
  ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.made_up-word", "eyJzdWIiOiIxIn0"],
  ["Authorization: Bearer made-up-word", "made-up-word"],
  ["Bearer%20made-up-word", "made-up-word"],
  ["Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
  ["x-api-key: made-up-word", "made-up-word"],
  ["-----BEGIN RSA PRIVATE KEY-----\nmade\nup\n-----END RSA PRIVATE KEY-----", "made\nup"],
]

const HARMLESS = [
  "http://127.0.0.1:8000/v1",
  "http://127.0.0.1:8000/users/@me",
  "ws://[::1]:8000, or http://10.0.0.7:8000.",
  "http://10.0.0.7:8000?stream=true&max_tokens=5",
  "ssh://me@10.0.0.7, sentence-transformers/glove-wiki-gigaword-300",
  "max_tokens=128 eos_token=<s> tokenEnv: MY_TOKEN",
  "Qwen/Qwen2.5-7B-Instruct@main",
  "hf_transfer and npm_config_registry",
  "a bearer token; basic arithmetic; the risk-averse task-specific disk-based-index-of-everything",
  "sha256:b2f0e9c1d5f4f1f6d0b4a7a5c6b7a8c9d0e1f2a3b4c5d6e7f8091a2b3c4d5e6f",
  "password: expected a text",
  "a@b.example",
]

describe("masked", () => {
  it.each(SECRETS)("hides the secret of %s", (text, secret) => {
    assert.notInclude(masked(text), secret)
    assert.notInclude(masked(`${text}: it "is" ${text}`), secret)
    assert.isDefined(secretIn(text))
  })

  it.each(HARMLESS)("leaves %s as it is", (text) => {
    assert.strictEqual(masked(text), text)
    assert.isUndefined(secretIn(text))
  })

  it("hides what this process knows as a secret, in every form", () => {
    keepSecret("made up/word")
    process.env["RIGBOOK_TEST_TOKEN"] = "another made-up"
    try {
      assert.strictEqual(masked("made up/word made%20up%2Fword another made-up"), "*** *** ***")
    } finally {
      delete process.env["RIGBOOK_TEST_TOKEN"]
    }
  })

  it.prop("changes nothing twice, and keeps JSON what it is", { text: Schema.String }, ({ text }) => {
    const inner = JSON.stringify({ api_key: text, password: `a${text}`, url: `http://u:p${text}@h/?api_key=${text}` })
    const json = JSON.stringify({
      password: 12_345,
      secret: null,
      "x-api-key": 12_345,
      inner,
      text: `${text}http://u:p@h/?token=${text}`,
      authorization: `Bearer ${text}`,
    })
    assert.doesNotThrow(() => JSON.parse(masked(json)), masked(json))
    assert.strictEqual(masked(masked(json)), masked(json))
  })
})

describe("secretIn", () => {
  it("finds what an address hides from a reader", () => {
    assert.isDefined(secretIn("ht\ntp://us\ter:made-up-word@10.0.0.7"))
    assert.isDefined(secretIn("%68ttp://10.0.0.7/%61pi_key=made-up-word"))
    assert.isUndefined(secretIn("100 %"))
  })
})

describe("isSecretName", () => {
  it("knows keys whose values are secrets", () => {
    for (const name of [
      "api_key",
      "apiKey",
      "X-API-Key",
      "Authorization",
      "hfToken",
      "password",
      "AWS_SECRET_ACCESS_KEY",
    ])
      assert.isTrue(isSecretName(name), name)
    for (const name of ["tokenEnv", "max_tokens", "eos_token", "stop_token_ids", "prompt_cache_key", "tokenizer"])
      assert.isFalse(isSecretName(name), name)
  })
})

describe("isSecretVariable", () => {
  it("knows variables by their names", () => {
    for (const name of ["HF_TOKEN", "VLLM_API_KEY", "MYSQL_PASSWD", "NETRC_AUTH", "AWS_ACCESS_KEY_ID"])
      assert.isTrue(isSecretVariable(name), name)
    for (const name of ["TOKENIZERS_PARALLELISM", "PATH", "GIT_AUTHOR_NAME", "OMP_NUM_THREADS"])
      assert.isFalse(isSecretVariable(name), name)
  })
})

describe("shownAddress", () => {
  it("shows an address without user, query and fragment", () => {
    assert.strictEqual(shownAddress("http://u:p@h:80/a/b?c#d"), "http://h/a/b")
    assert.strictEqual(shownAddress("http://u:p/w@h"), "an address that can't be read")
    assert.strictEqual(shownAddress("data:made-up"), "an address that can't be read")
  })
})
