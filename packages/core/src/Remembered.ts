/** A function of an object that does not change, which computes each object's value once: for repeated use. */
export const remembered = <Key extends object, Value>(of: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new WeakMap<Key, { readonly value: Value }>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found.value
    const value = of(key)
    known.set(key, { value })
    return value
  }
}
