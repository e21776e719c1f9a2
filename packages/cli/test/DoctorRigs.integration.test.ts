import { assert, describe, it } from "@effect/vitest"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { launchChromium, newPage } from "../../reporters/test/html/chromium.ts"
import { rigbook, sampleConfig, temporaryFolder, writeWorkspace } from "./TemporaryWorkspace.ts"

const card = (index: number, id: string, name: string) =>
  `echo "${index}, GPU-${id.repeat(8)}-0000-0000-0000-000000000000, ${name}, 32607, 31588, 580.65.06"`
const nvidiaSmi = (...rows: ReadonlyArray<string>) =>
  `case "$*" in *query-gpu=index*) ${rows.join("; ")};; --list-gpus) echo "GPU 0: A (UUID: GPU-a)";; esac`

const AMD_SMI = `case "$*" in
"list --json") echo '[{"gpu":0,"bdf":"0000:03:00.0","node_id":1,"uuid":"c8ff7551-0000-1000-80ab-000000000000"}]';;
"static --asic --driver --json") echo '[{"gpu":0,"asic":{"market_name":"AMD Radeon AI PRO R9700","asic_serial":"0xC8AB000000000001"}}]';;
"metric --mem-usage --json") echo '[{"gpu":0,"mem_usage":{"total_vram":{"value":32624,"unit":"MB"},"free_vram":{"value":32324,"unit":"MB"}}}]';;
*) exit 2;; esac`

/** A llama-server that finds these devices. */
const llamaServer = (...devices: ReadonlyArray<string>) =>
  `case "$1" in --version) echo "version: 0.7.0 (build 11669)";; *) echo "Available devices:"; ${devices
    .map((device) => `echo "  ${device} (8188 MiB, 7900 MiB free)";`)
    .join(" ")} esac`

interface Doctor {
  readonly host: { readonly devices: ReadonlyArray<{ readonly id: string; readonly vendor?: string }> }
  readonly engines: ReadonlyArray<{
    readonly backend: string
    readonly unusable?: ReadonlyArray<{ readonly device: string; readonly fix: string }>
  }>
}

/** What doctor says on a machine where these programs answer, in a workspace whose one config uses llamacpp. */
const doctorOn = async (picture: string, programs: Readonly<Record<string, string>>) => {
  const bin = join(temporaryFolder(), "bin")
  mkdirSync(bin)
  const silent = { "nvidia-smi": "exit 9", "amd-smi": "exit 9", "rocm-smi": "exit 9" }
  for (const [name, script] of Object.entries({ ...silent, ...programs }))
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const root = writeWorkspace(temporaryFolder(), {
    "models/configs/one.yaml": sampleConfig("smollm2-135m-instruct"),
  })
  const env = {
    PATH: `${bin}:${process.env["PATH"]}`,
    RIGBOOK_CACHE: join(root, "cache"),
    RIGBOOK_LLAMACPP: "",
    CUDA_VISIBLE_DEVICES: "0,1",
    COLUMNS: "500", // no line is wrapped
  }
  const { exitCode, stderr, stdout } = await rigbook(root, ["doctor"], env)
  assert.strictEqual(exitCode, 0, stderr)
  if (process.env["PICTURES"] !== undefined)
    await screenshot(
      picture,
      (await rigbook(root, ["doctor"], { ...env, COLUMNS: "100" })).stdout.replaceAll(bin, "~/bin"),
    )
  const { engines, host } = JSON.parse((await rigbook(root, ["doctor", "--json"], env)).stdout) as Doctor
  return {
    shown: stdout,
    last: stdout.trimEnd().split("\n").at(-1),
    vendors: host.devices.flatMap(({ vendor }) => vendor ?? []),
    unusable: engines.find(({ backend }) => backend === "llamacpp")!.unusable!.map(({ fix }) => fix),
  }
}

const FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf"

/** A terminal of 100 columns as a picture, in DejaVu Sans Mono: those in docs/doctor are made by PICTURES=docs/doctor. */
const screenshot = async (name: string, text: string) => {
  const browser = await launchChromium()
  const page = await newPage(browser, { viewport: { width: 940, height: 200 }, deviceScaleFactor: 2 })
  const shown = ("$ rigbook doctor\n" + text).replaceAll(/[&<]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  await page.setContent(
    `<style>@font-face { font-family: mono; src: url(data:font/ttf;base64,${readFileSync(FONT).toString("base64")}) }</style><body style="margin:0;background:#1b1f24"><pre style="margin:0;padding:16px;display:inline-block;width:100ch;font:14px/1.4 mono;color:#e6edf3">${shown}</pre>`,
  )
  await page.evaluate("document.fonts.ready")
  await page.locator("pre").screenshot({ path: join(process.env["PICTURES"]!, `${name}.png`) })
  await browser.close()
}

describe("doctor says of every GPU whether the engine can use it, and what to do", () => {
  it("two NVIDIA cards, and an engine that finds none of them", async () => {
    const two = [card(0, "a", "NVIDIA GeForce RTX 5090"), card(1, "b", "NVIDIA GeForce RTX 5090")]
    const { last, shown, unusable, vendors } = await doctorOn("two-nvidia", {
      "nvidia-smi": nvidiaSmi(...two),
      "llama-server": llamaServer(),
    })
    assert.deepStrictEqual(vendors, ["nvidia", "nvidia"])
    assert.match(shown, /✗ llamacpp can't use cuda:0 and cuda:1: .*llama-server finds no GPU\./)
    assert.lengthOf(unusable, 2)
    assert.strictEqual(last, "Next: rigbook setup llamacpp --build cuda")
  })

  it("one NVIDIA card beside the processor's graphics", async () => {
    const { last, shown, unusable } = await doctorOn("nvidia-beside-intel", {
      "nvidia-smi": nvidiaSmi(card(0, "a", "NVIDIA GeForce RTX 4060")),
      "llama-server": llamaServer("Vulkan0: Intel(R) UHD Graphics 770", "Vulkan1: NVIDIA GeForce RTX 4060"),
    })
    assert.match(shown, /✓ llamacpp can use cuda:0$/m)
    assert.deepStrictEqual([unusable, last], [[], "Next: rigbook plan"])
  })

  it("an AMD card, and an engine that finds none", async () => {
    const { last, shown, vendors } = await doctorOn("amd", { "amd-smi": AMD_SMI, "llama-server": llamaServer() })
    assert.match(shown, /^rocm:0 +AMD Radeon AI PRO R9700 +31\.9 GiB +31\.6 GiB +GPU-c8ab000000000001$/m)
    assert.deepStrictEqual([vendors, last], [["amd"], "Next: rigbook setup llamacpp --build rocm"])
  })

  it("no GPU", async () => {
    const { last, shown, unusable } = await doctorOn("no-gpu", { "llama-server": llamaServer() })
    assert.include(shown, "No GPU: models run on the processor.")
    assert.deepStrictEqual([unusable, last], [[], "Next: rigbook run"])
  })
})
