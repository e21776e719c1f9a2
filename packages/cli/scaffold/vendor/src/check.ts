import { devicesOf } from "./Parse.ts"

/** What the tool printed on a machine with two GPUs. */
export const PRINTED = `0, MY-0001, My GPU, 16384, 512, 41
1, MY-0002, My GPU, 16384, 0, 38
`

/** GPUs to try the vendor with where there are none. */
export const subject = { devices: devicesOf(PRINTED) }
