import { recordFolders, type Workspace } from "@rigbook/records"
import { Effect } from "effect"
import { basename } from "node:path"
import { usageFailure } from "../Failure.ts"

/** The folders of records whose id contains one of the words; all of them without words. */
export const chosenFolders = Effect.fn("ChosenFolders.chosenFolders")(function* (
  { raw }: Workspace,
  words: ReadonlyArray<string>,
) {
  const folders = yield* recordFolders(raw)
  const unknown = words.find((word) => !folders.some((folder) => basename(folder).includes(word)))
  if (unknown !== undefined)
    return yield* usageFailure(`No record's id contains "${unknown}". List them with: rigbook runs`)
  return words.length === 0
    ? folders
    : folders.filter((folder) => words.some((word) => basename(folder).includes(word)))
})
