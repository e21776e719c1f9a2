import { createRequire } from "node:module"

/** A C library. A function is declared as in C, or by name, result and arguments; its form is the caller's to know. */
export interface NativeLibrary {
  readonly func: <F extends (...args: never) => unknown>(
    declaration: string,
    result?: string,
    args?: ReadonlyArray<string>,
  ) => F
}

/** What is used of koffi: libraries, and memory of C. */
interface Koffi {
  readonly load: (path: string | null) => NativeLibrary
  readonly alloc: (type: string, count: number) => object
  readonly address: (memory: object) => bigint
  readonly decode: <A>(memory: object, ...where: ReadonlyArray<string | number>) => A
  readonly encode: (memory: object, offset: number, type: string, value: number | bigint) => void
}

/**
 * koffi's prebuilt library for this machine. The package `koffi` itself is not needed: it picks this one, and its install
 * script, which only builds where there is none, is what package managers refuse. Throws an `Error` on machines without one.
 */
export const koffi = (): Koffi =>
  createRequire(import.meta.url)(`@koromix/koffi-${process.platform}-${process.arch}`) as Koffi

/** Opens a C library: `null` is this program itself. Throws an `Error` where it can't be loaded, or koffi is not installed. */
export const loadLibrary = (path: string | null): NativeLibrary => koffi().load(path)
