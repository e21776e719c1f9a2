// What they fail with: a declaration file can name it by the door that its function comes from alone.
export { SetupError } from "../engine/install/Install.ts"
export { fileSha256 } from "./formats/FileHash.ts"
export { readGguf } from "./formats/Gguf.ts"
export { ggufSha256 } from "./formats/GgufParts.ts"
export { readSafetensors } from "./formats/Safetensors.ts"
export { fetchModel, modelFiles, originFile, outlineModel } from "./store/ModelStore.ts"
export { makeSynthetic } from "./synthetic/SyntheticStore.ts"
