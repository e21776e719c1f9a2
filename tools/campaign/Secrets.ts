/** Made up: whatever has one of them in it has leaked it. */
export const SECRETS = {
  /** The token of the server, which the program reads from the variable that the config names. */
  token: "campaign-token-Zq81xPw0",
  /** What stands in a file outside of the workspace. */
  outside: "WORDS-OF-A-FILE-OUTSIDE",
  /** A part of each key that is put into a config. */
  key: "Campaign7Key0Value9x",
} as const

/** A name that says of no secret: what is in it is one because a config reads it as a token. */
export const TOKEN_VARIABLE = "CAMPAIGN_LOGIN"
