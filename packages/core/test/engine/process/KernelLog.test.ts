import { assert, describe, it } from "@effect/vitest"
import { messageIn } from "../../../src/engine/process/KernelLog.ts"

describe("a record of the kernel's log", () => {
  it("is its message, without what stands before it and its properties", () => {
    const refused = "__vm_enough_memory: pid: 5809, comm: llama-server, bytes: 8 not enough memory for the allocation"
    assert.strictEqual(messageIn(`4,421,419149307,-;${refused}\n`), refused)
    assert.strictEqual(messageIn("6,9,81,-,caller=T1;a; b\n SUBSYSTEM=pci\n DEVICE=+pci:0\n"), "a; b")
  })
})
