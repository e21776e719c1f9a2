import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { kind } from "../Fault.ts"
import { SECRETS } from "../Secrets.ts"
import { servedConfig } from "../Workspaces.ts"

const { key } = SECRETS
/** Keys as services shape them, and as they are passed. */
const SHAPES = [
  `sk-${key}abcdefghijkl`,
  `sk-proj-${key}abcdefghijkl`,
  `hf_${key}abcdefghijkl`,
  `ghp_${key}abcdefghijklmn`,
  `github_pat_${key}abcdefghijkl`,
  `glpat-${key}`,
  `xoxb-1234-${key}`,
  `AIza${key}abcdefghijkl`,
  `nvapi-${key}abcdefghijkl`,
  `gsk_${key}abcdefghijkl`,
  `Bearer ${key}abc`,
  `http://user:${key}@127.0.0.1:9/v1`,
  `http://:${key}@127.0.0.1:9/v1`,
  `http://${key}@127.0.0.1:9`,
  `http://127.0.0.1:9/v1?api_key=${key}`,
  `http://127.0.0.1:9/v1#token=${key}`,
  `https%3A%2F%2Fuser:${key}%40host`,
  `eyJhbGciOiJIUzI1NiJ9.eyJ${key}.${key}`,
] as const

/** Where people put them. */
const PLACES: ReadonlyArray<(text: string, secret: string) => string> = [
  (text, secret) => text.replace(/url: "[^"]*"/, `url: ${secret}`),
  (text, secret) => text.replace("openai: {", `openai: { body: { api_key: ${secret} },`),
  (text, secret) => text.replace("openai: {", `openai: { body: { headers: { Authorization: ${secret} } },`),
  (text, secret) => text.replace("openai: {", `openai: { body: { metadata: { note: ${secret} } },`),
  (text, secret) => text.replace("openai: {", `openai: { token: ${secret},`),
  (text, secret) => text.replace("openai: {", `openai: { model: ${secret},`),
  (text, secret) => text.replace(/tokenEnv: \w+/, `tokenEnv: ${secret}`),
  (text, secret) => text.replace("name: A", `name: ${secret}`),
  (text, secret) => text.replace("name: A", `name: A\nlicense: ${secret}`),
  (text, secret) => text.replace("name: A", `name: A\n${secret}: 1`),
  (text, secret) => text.replace("prompts: brief", `prompts: ${secret}`),
  (text, secret) => text.replace("name: A", `name: A\nsource: { path: ${secret} }`),
  (text, secret) => text.replace("name: A", `name: A\nplacement: ${secret}`),
  (text, secret) => `${text}# ${secret}\nbroken: [`,
]

interface Case {
  readonly shape: number
  readonly place: number
  readonly json: boolean
  readonly command: "plan" | "run"
}

/** Keys and passwords in configs, wherever people put them. */
export const secret = kind<Case>({
  name: "secret",
  share: 50,
  draw: (draws) => ({
    shape: draws.int(0, SHAPES.length - 1),
    place: draws.int(0, PLACES.length - 1),
    json: draws.int(0, 1) === 0,
    command: draws.pick(["plan", "run"] as const),
  }),
  inject: async ({ command, json, place, shape }, testbed) => {
    const path = join(testbed.root, "models/configs/a.yaml")
    const kept = readFileSync(path, "utf8")
    const written = SHAPES[shape % SHAPES.length]!
    writeFileSync(path, PLACES[place % PLACES.length]!(servedConfig(testbed.url), JSON.stringify(written)))
    await testbed.command([command, "a", ...(json ? ["--json"] : [])])
    await testbed.command(["registry"])
    testbed.check(["models/configs/a.yaml"])
    writeFileSync(path, kept)
    await testbed.removeNewRecords()
  },
})
