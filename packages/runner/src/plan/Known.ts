/** A fact, or why it is not known. */
export type Known<A> = { readonly value: A } | { readonly absent: string }

/** The fact; `undefined` where it is not known. */
export const valueOf = <A>(known: Known<A>): A | undefined => ("value" in known ? known.value : undefined)
