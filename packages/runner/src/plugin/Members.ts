import { Effect, Predicate, Schema } from "effect"

/** Names of an object's members, its prototype's among them: an author may write a class. */
const namesOf = (value: object): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (let at: unknown = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    for (const name of Object.getOwnPropertyNames(at)) if (name !== "constructor") names.add(name)
  return [...names]
}

/** Whether a value consists of members, rather than being a function, an effect or a schema. */
const isGroup = (value: unknown): value is object =>
  Predicate.isObject(value) && !Effect.isEffect(value) && !Schema.isSchema(value)

/**
 * What a plugin exports, as plain data: each member is read once, so that a getter that throws does so here and not
 * later. Methods stay bound to the object that they belong to.
 */
export const membersOf = (value: object, depth = 1): Record<string, unknown> =>
  Object.fromEntries(
    namesOf(value).map((name) => {
      const member: unknown = Reflect.get(value, name)
      if (typeof member === "function" && !Schema.isSchema(member)) return [name, member.bind(value)]
      return [name, depth > 0 && isGroup(member) ? membersOf(member, depth - 1) : member]
    }),
  )
