import { koffi } from "../process/NativeLibrary.ts"

/**
 * A program of its own, for a driver that is loaded stays, and one that crashes takes its process with it: prints the
 * physical devices that a Vulkan loader, its one argument, finds, in JSON and in the loader's order. Offsets are those of
 * the structures in Vulkan's headers on 64-bit machines.
 */
const APPLICATION_INFO = 0
const INSTANCE_CREATE_INFO = 1
const PROPERTIES_2 = 1_000_059_001
const ID_PROPERTIES = 1_000_071_004
/** Version 1.1, the first with identities of devices. */
const API_VERSION = 0x40_10_00

type Call = (...values: ReadonlyArray<unknown>) => number

const { address, alloc, decode, encode, load } = koffi()
const bytes = (size: number, words: Readonly<Record<number, readonly [type: string, value: number | bigint]>>) => {
  const memory = alloc("uint8_t", size)
  for (const [offset, [type, value]] of Object.entries(words)) encode(memory, Number(offset), type, value)
  return memory
}
const vulkan = load(process.argv[2]!)
const must = (what: string, code: number): void => {
  if (code < 0) throw new Error(`${what}: ${code}`)
}

const application = bytes(48, { 0: ["uint32_t", APPLICATION_INFO], 44: ["uint32_t", API_VERSION] })
const create = bytes(64, { 0: ["uint32_t", INSTANCE_CREATE_INFO], 24: ["uint64_t", address(application)] })
const instance = alloc("uint64_t", 1)
must(
  "vkCreateInstance",
  vulkan.func<Call>("int vkCreateInstance(void *create, void *none, void *out)")(create, null, instance),
)
const handle = BigInt(decode<number>(instance, "uint64_t"))

const enumerate = vulkan.func<Call>("int vkEnumeratePhysicalDevices(uint64_t instance, void *count, void *out)")
const count = alloc("uint32_t", 1)
must("vkEnumeratePhysicalDevices", enumerate(handle, count, null))
const total = decode<number>(count, "uint32_t")
const devices = alloc("uint64_t", Math.max(1, total))
must("vkEnumeratePhysicalDevices", enumerate(handle, count, devices))

const properties = vulkan.func<Call>("void vkGetPhysicalDeviceProperties2(uint64_t device, void *out)")
const found = Array.from({ length: total }, (_, index) => {
  const id = bytes(64, { 0: ["uint32_t", ID_PROPERTIES] })
  const about = bytes(1024, { 0: ["uint32_t", PROPERTIES_2], 8: ["uint64_t", address(id)] })
  properties(BigInt(decode<number>(devices, index * 8, "uint64_t")), about)
  const text = Buffer.from(decode<Uint8Array>(about, 36, "uint8_t", 256))
  const uuid = Buffer.from(decode<Uint8Array>(id, 16, "uint8_t", 16)).toString("hex")
  return {
    name: text.toString("utf8", 0, text.indexOf(0)),
    uuid: uuid.replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-"),
  }
})
process.stdout.write(JSON.stringify(found))
