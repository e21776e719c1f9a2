import { Schema } from "effect"

/** No scenario that ends has more requests, documents or trials. */
export const MOST = 1_000_000
/** The longest contexts that models are trained for have ten million tokens. */
export const MOST_TOKENS = 2 ** 24
/** Rungs of a ladder and scenarios of a config: nobody waits for more. */
const MOST_ITEMS = 256

/** How many of something: requests, streams, documents, trials. Larger numbers would fill the memory before they ran. */
export const Amount = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST))

/** A number of tokens. */
export const Tokens = Schema.Int.check(Schema.isGreaterThan(0), Schema.isLessThanOrEqualTo(MOST_TOKENS))

/** A list with at least one item, no longer than somebody writes. */
export const listOf = <S extends Schema.Codec<unknown, unknown>>(item: S) =>
  Schema.NonEmptyArray(item).check(Schema.isMaxLength(MOST_ITEMS))
