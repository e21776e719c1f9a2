// Their errors: a declaration file can only name these through the entry point of its function.
export { SetupError } from "../engine/install/Install.ts"
export { folderFacts } from "./formats/FolderFacts.ts"
export { fileSha256 } from "./formats/FileHash.ts"
export { readGguf } from "./formats/Gguf.ts"
export { ggufSha256 } from "./formats/GgufParts.ts"
export { readSafetensors } from "./formats/Safetensors.ts"
export { fetchModel, modelFiles, originFile, outlineModel } from "./store/ModelStore.ts"
export { makeSynthetic } from "./synthetic/SyntheticStore.ts"
