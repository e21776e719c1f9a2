import { type BackendError, backendError, cleanText, keepSecret, NotInstalled } from "@rigbook/core"
import { type OpenAiClient, openAiClient } from "@rigbook/core/engine"
import { Effect, type Scope } from "effect"
import type { Options } from "./Options.ts"

export const fail = backendError("openai")

/** The version at the end of an address, such as `/v1` or `/v3`: what the API's paths begin with. */
const VERSION = /\/v\d+$/

/** The server's address without the version that paths begin with, and without a slash at its end. */
export const baseUrl = ({ url }: Pick<Options, "url">): string => url.replace(/\/+$/, "").replace(VERSION, "")

/** What paths of the API begin with at this server. */
const apiPathOf = ({ apiPath, url }: Pick<Options, "url" | "apiPath">): string =>
  apiPath ?? VERSION.exec(url.replace(/\/+$/, ""))?.[0] ?? "/v1"

/** The bearer token, read each time it is needed: it is stored nowhere, and from here on masked everywhere. */
export const tokenOf = ({ tokenEnv }: Pick<Options, "tokenEnv">): string | undefined => {
  const token = tokenEnv === undefined ? undefined : process.env[tokenEnv]
  return token === undefined ? undefined : keepSecret(token)
}

/** A client of the server; fails where the variable that holds the token is not set. */
export const connect = (options: Options): Effect.Effect<OpenAiClient, BackendError, Scope.Scope> => {
  const token = tokenOf(options)
  if (options.tokenEnv !== undefined && token === undefined)
    return Effect.fail(
      fail(new NotInstalled({ detail: unset(options.tokenEnv), fix: "Set it to the server's token." })),
    )
  return openAiClient({
    url: baseUrl(options),
    apiPath: apiPathOf(options),
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
}

/** The name is only repeated if it is written as names of variables are: some people put the token there. */
export const unset = (name: string): string =>
  /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/.test(name)
    ? `The environment variable ${name}, which tokenEnv names, is not set.`
    : "The environment variable that tokenEnv names is not set."

/** What the server says, as it may be shown: many repeat the token that they refuse. */
export const shown = (options: Options, text: string): string => {
  const token = tokenOf(options)
  return cleanText(token === undefined || token === "" ? text : text.replaceAll(token, "[token]"))
}
