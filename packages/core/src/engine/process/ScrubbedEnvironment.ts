import { isSecretVariable, secretIn } from "../../Secrets.ts"

/** What programs of any kind need: where things are, in which language and zone they speak. */
const NAMES = [
  ..."PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ TERM NO_COLOR TMPDIR TMP TEMP HOSTNAME CC CXX".split(" "),
  ..."LD_LIBRARY_PATH DYLD_LIBRARY_PATH DYLD_FALLBACK_LIBRARY_PATH LIBRARY_PATH CPATH SSL_CERT_FILE SSL_CERT_DIR".split(
    " ",
  ),
  ..."VIRTUAL_ENV CONDA_PREFIX PYTHONHOME GLIBC_TUNABLES DISPLAY WAYLAND_DISPLAY DRI_PRIME LOCALE_ARCHIVE".split(" "),
]

/** What says how engines compute: of GPUs and their drivers, of threads and memory, of libraries and engines. */
const PREFIXES = [
  ..."LC_ XDG_ NIX_LD".split(" "),
  ..."CUDA_ CUBLAS_ CUDNN_ NCCL_ NVIDIA_ NVSHMEM_ NV_ __NV_ __GL".split(" "),
  ..."AMD_ GPU_ HIP HSA_ MIOPEN_ RCCL_ ROCM_ ROCR_ ROCBLAS_ HIPBLASLT_ TENSILE_ AITER_ HCC_ PYTORCH_".split(" "),
  ..."VK_ VULKAN_ MESA_ LIBGL_ EGL_ GALLIUM_ LP_ RADV_ ANV_ INTEL_ ONEAPI_ SYCL_ UR_ ZE_ ZES_ IGC_ NEO MTL_ METAL_".split(
    " ",
  ),
  ..."OMP_ GOMP_ KMP_ LIBOMP MKL_ OPENBLAS_ GOTO_ BLIS_ VECLIB_ NUMEXPR_ NUMBA_ DNNL_ ONEDNN_ ATEN_ RAYON_".split(" "),
  ..."MALLOC_ MIMALLOC_ JEMALLOC_ TCMALLOC_ UCX_ FI_ GLOO_ MASTER_".split(" "),
  ..."GGML_ LLAMA_ VLLM_ TORCH TRITON_ RAY_ HF_ HUGGINGFACE_ TRANSFORMERS_ SENTENCE_TRANSFORMERS_ TOKENIZERS_ SAFETENSORS_".split(
    " ",
  ),
  ..."FLASH_ FLASHINFER_ XFORMERS_ COMPRESSED_ OMPI_ PMIX_ SLURM_".split(" "),
]

/** A list of further names, separated by commas: the user's own decision, for secrets too. */
const MORE = "RIGBOOK_ENGINE_ENV"

/**
 * The environment for an engine: of ours what is on a list, without secrets by their names or their shapes, and without
 * variables of the engine's own prefixes (such as `LLAMA_ARG_`), which would change a run silently; then `set`. What else
 * an engine needs is named by `RIGBOOK_ENGINE_ENV`.
 */
export const scrubbedEnvironment = (
  prefixes: ReadonlyArray<string>,
  set: Readonly<Record<string, string>> = {},
  from: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> => {
  const more = (from[MORE] ?? "").split(",").map((name) => name.trim())
  const kept = Object.entries(from).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined &&
      (more.includes(entry[0]) ||
        (isListed(entry[0]) &&
          !isSecretVariable(entry[0]) &&
          secretIn(entry[1]) === undefined &&
          !prefixes.some((prefix) => entry[0].startsWith(prefix)))),
  )
  return { ...Object.fromEntries(kept), ...set }
}

const isListed = (name: string): boolean => NAMES.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix))
