/** Services that mark their keys, and the other forms that keys are passed in. The first group of each pattern is shown. */
const SHAPES: ReadonlyArray<readonly [of: string, pattern: RegExp]> = [
  [
    "a private key",
    /(-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----)(?:[^-]{0,20000}-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
  ],
  [
    "the user of an address",
    /((?<![a-z0-9])(?!(?:git\+)?ssh:|sftp:)[a-z][a-z0-9+.-]{0,20}:(?:[\\/]|%2f|%5c){2,})[^\s\\/?#@"'<>]{0,500}(?=@)/gi,
  ],
  ["the user of an address", /(\bhttps?:[\\/]*)[^\s\\/?#@"'<>]{0,500}(?=@)/gi],
  // A password with a slash or a question mark in it, where a port would be.
  ["the user of an address", /(:\/\/)[^\s/:@"'<>]{0,200}:(?!\d{1,5}(?:[\s/?#"'<>,;.)\]]|$))[^\s@"'<>]{1,200}(?=@)/g],
  ["the user of an address", /((?:%3a|:)(?:%2f){2})[^\s&"'<>]{0,200}?(?=%40)/gi],
  ["a JSON Web Token", /\b(eyJ)[\w-]{8,2000}\.[\w-]{4,4000}(?:\.[\w-]{0,2000})?/g],
  ["an OpenAI key", /\b(sk-)(?=[\w-]{0,60}[\dA-Z]|[\w-]{16})[\w-]{8,300}/g],
  ["a Hugging Face token", /\b(hf_|api_org_)(?=[a-z]{0,40}[\dA-Z]|[a-z]{20})[A-Za-z0-9]{8,200}/g],
  ["a GitHub token", /\b(gh[oprsu]_|github_pat_)\w{8,300}/g],
  ["a GitLab token", /\b(gl(?:agent|cbt|dt|ft|pat|ptt|rt|soat)-)(?=[\w-]{0,40}\d)[\w-]{16,200}/g],
  ["a Slack token", /\b(xox[a-z]-|xapp-)[\w-]{6,300}/g],
  ["an AWS key", /\b(AKIA|ASIA)[A-Z0-9]{12,40}\b/g],
  ["a Google key", /\b(AIza|ya29\.)[\w-]{20,300}/g],
  ["an NVIDIA key", /\b(nvapi-)[\w-]{16,200}/g],
  [
    "a key",
    /\b(gsk_|xai-|pplx-|r8_|npm_|tgp_v1_|dckr_pat_|[rs]k_(?:live|test)_|lsv2_[a-z]{2}_|pypi-AgE)[A-Za-z0-9]{16,300}/g,
  ],
  [
    "a header with a key",
    /\b((?:[Bb]earer|BEARER)(?:\s|%20|\+){1,3})(?=[A-Za-z]{0,60}[\d._~+/=-]|[a-z]{0,60}[A-Z]|[a-z]{16})[\w.~+/=-]{6,4000}/g,
  ],
  ["a header with a key", /\b(basic\s{1,3})(?=[A-Za-z0-9+/]{0,60}[A-Z0-9=])(?=\S*[a-z])[A-Za-z0-9+/]{10,2000}={0,2}/g],
  [
    "a header with a key",
    /\b(authorization(?:\\?["'])?\s{0,3}[:=]\s{0,3}(?:\\?["'])?(?:basic|token|bearer|apikey)\s{1,3})[^\s\\"',;]{3,4000}/gi,
  ],
  [
    "a header with a key",
    /\b((?:x-)?(?:api-key|auth-token|access-token)(?:\s{0,3}[:=]\s{0,3}|\\?["']\s{0,3}:\s{0,3}\\?["']))[^\s\\"',;*]{4,4000}/gi,
  ],
  [
    "a value that is named as a secret",
    /((?:api[_-]?key|access[_-]?key(?:[_-]?id)?|(?:access|api|auth|bearer|hf|id|refresh|security|session)[_-]?token|client[_-]?secret|passw(?:or)?d|passphrase|secret(?:[_-]?key)?|subscription[_-]?key|x-amz-(?:credential|signature|security-token))(?:(?:=|%3d)(?:\\?["'])?|\\?["']\s{0,3}:\s{0,3}\\?["']))[^\s\\"'&#,;*<>{}[\]][^\s\\"'&#,;*<>]{0,4000}/gi,
  ],
  [
    "a value that is named as a secret",
    /([?&#](?:key|token|sig|signature|auth|pass|pwd|code|jwt|ticket)=)[^\s\\"'&#*<>]{1,4000}/gi,
  ],
]

/** Keys of a config, without `-` and `_`, whose values are secrets. */
const NAMES =
  /(?:accesskey(?:id)?|apikey|authorization|clientsecret|cookie|credentials?|passphrase|passwd|password|privatekey|secretkey|subscriptionkey|(?:access|api|auth|bearer|github|hf|hub|id|openai|refresh|security|session|user)token)s?$|^(?:bearer|secrets?|token)$/

/** Names of variables that hold secrets. */
const VARIABLES =
  /TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|PASSPHRASE|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|AUTH(?!OR)|COOKIE/i

/** Whether a variable of this name holds a secret, such as `GITHUB_TOKEN`. Pure. */
export const isSecretVariable = (name: string): boolean => VARIABLES.test(name)

/** Secrets that this process has read, whatever their shape: see `keepSecret`. */
const kept = new Set<string>()

/** From here on, `masked` takes this value out of every text, unless it is short or a number. Returns the value. */
export const keepSecret = (value: string): string => {
  if (value.trim().length > 5 && /\D/.test(value.trim())) kept.add(value.trim())
  return value
}

/** Values of variables are secrets by their name, unless they are words, paths or numbers, such as `disabled`. */
const held = (): ReadonlyArray<string> => [
  ...kept,
  ...Object.entries(process.env).flatMap(([name, value = ""]) =>
    isSecretVariable(name) && value.length >= 8 && !/^([a-z]{1,15}|\/.*|[\d.]+)$/.test(value) ? [value.trim()] : [],
  ),
]

/**
 * A text for people or for a file, without the secrets in it: keys of known shapes, users and passwords of addresses,
 * values that are named as secrets, and those that this process knows (`keepSecret`, variables such as `HF_TOKEN`).
 */
export const masked = (text: string): string => {
  let made = text
  for (const value of held())
    for (const form of new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]))
      made = made.replaceAll(form, "***")
  for (const [, pattern] of SHAPES) made = made.replace(pattern, "$1***")
  return made
}

/** What kind of secret a text has in it, by its shape: `an OpenAI key`. `undefined` for none. Pure. */
export const secretIn = (text: string): string | undefined =>
  SHAPES.find(([, pattern]) => forms(text).some((form) => form.search(pattern) !== -1))?.[0]

/** Percent-encoding hides the signs that a shape is found by, and so do line breaks, which addresses may have. */
const forms = (text: string): ReadonlyArray<string> => {
  const joined = /[\t\r\n]/.test(text) ? [text.replaceAll(/[\t\r\n]/g, "")] : []
  try {
    return [text, ...joined, ...(text.includes("%") ? [decodeURIComponent(text)] : [])]
  } catch {
    return [text, ...joined]
  }
}

/** Whether the value of a key with this name is a secret: `api_key`, `Authorization`. Names of variables are none. Pure. */
export const isSecretName = (name: string): boolean => NAMES.test(name.toLowerCase().replaceAll(/[-_.\s]/g, ""))

/**
 * An address as it may be shown: without user, query and fragment. What can't be read as an address isn't shown at all.
 * Pure.
 */
export const shownAddress = (address: string): string => {
  const url = URL.parse(address)
  return url === null || url.host === ""
    ? "an address that can't be read"
    : `${url.protocol}//${url.host}${url.pathname}`
}
