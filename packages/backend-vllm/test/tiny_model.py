"""Writes a tiny Llama with random weights: python tiny_model.py FOLDER.

Real files of the real shapes (config.json, safetensors, a fast tokenizer with a chat template), so that an engine and a
reader of headers treat it as any other model; only what it says means nothing.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers

VOCABULARY, WIDTH, LAYERS, HEADS, KV_HEADS, INNER, CONTEXT = 512, 128, 2, 4, 2, 256, 512
TEMPLATE = "{% for message in messages %}{{ message['role'] + ' ' + message['content'] + ' ' }}{% endfor %}assistant "

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)

# One word a token: none is ever part of a character, so each token is reported as it comes.
words = ["<unk>", "<eos>"] + [f"w{number}" for number in range(VOCABULARY - 2)]
tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
tokenizer.add_special_tokens(["<unk>", "<eos>"])
tokenizer.save(str(folder / "tokenizer.json"))


def write(name: str, content: dict) -> None:
    (folder / name).write_text(json.dumps(content))


write(
    "tokenizer_config.json",
    {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": "<unk>",
        "eos_token": "<eos>",
        "model_max_length": CONTEXT,
        "chat_template": TEMPLATE,
    },
)
write(
    "config.json",
    {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": CONTEXT,
        "hidden_act": "silu",
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "eos_token_id": 1,
        "tie_word_embeddings": False,
        "torch_dtype": "bfloat16",
    },
)

random = torch.Generator().manual_seed(0)


def tensor(*shape: int) -> torch.Tensor:
    return (torch.randn(*shape, generator=random) * 0.1).to(torch.bfloat16)


head = tensor(VOCABULARY, WIDTH)
head[:2] = 0  # special tokens would be left out of the text
head_width = WIDTH // HEADS
weights = {
    "model.embed_tokens.weight": tensor(VOCABULARY, WIDTH),
    "model.norm.weight": torch.ones(WIDTH, dtype=torch.bfloat16),
    "lm_head.weight": head,
}
for layer in range(LAYERS):
    at = f"model.layers.{layer}."
    weights |= {
        at + "input_layernorm.weight": torch.ones(WIDTH, dtype=torch.bfloat16),
        at + "post_attention_layernorm.weight": torch.ones(WIDTH, dtype=torch.bfloat16),
        at + "self_attn.q_proj.weight": tensor(WIDTH, WIDTH),
        at + "self_attn.k_proj.weight": tensor(KV_HEADS * head_width, WIDTH),
        at + "self_attn.v_proj.weight": tensor(KV_HEADS * head_width, WIDTH),
        at + "self_attn.o_proj.weight": tensor(WIDTH, WIDTH),
        at + "mlp.gate_proj.weight": tensor(INNER, WIDTH),
        at + "mlp.up_proj.weight": tensor(INNER, WIDTH),
        at + "mlp.down_proj.weight": tensor(WIDTH, INNER),
    }
save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
