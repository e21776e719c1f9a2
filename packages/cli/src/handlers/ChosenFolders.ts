import { recordFolders, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { basename, resolve } from "node:path"
import { usageFailure } from "../Failure.ts"

/**
 * The folders of records whose id contains one of the words; all of them without words. A word that is the path of a folder
 * stands for the records in it, such as the tries of a search.
 */
export const chosenFolders = Effect.fn("ChosenFolders.chosenFolders")(function* (
  { raw }: Workspace,
  words: ReadonlyArray<string>,
) {
  const folders = yield* recordFolders(raw)
  const chosen: Array<string> = []
  for (const word of words) {
    const named = folders.filter((folder) => basename(folder).includes(word))
    const inside =
      named.length > 0
        ? []
        : yield* Effect.orElseSucceed(recordFolders(resolve(word)), () => [] as ReadonlyArray<string>)
    if (named.length + inside.length === 0)
      return yield* usageFailure(`No record's id contains "${word}". List them with: rigbook runs`)
    chosen.push(...named, ...inside)
  }
  return words.length === 0 ? folders : [...new Set(chosen)]
})
