/** Key in the GGUF header of files with random weights: the layers of the model whose shape they have. */
export const GGUF_MARK = "rigbook.synthetic.layers"

/** The same in the config.json of a folder. */
export const CONFIG_MARK = "rigbook_synthetic_layers"
