"""Supervised fine-tuning of a LoRA adapter (Hu et al. 2021, arXiv:2106.09685) with TRL."""

import json
import shutil
import time
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from math import ceil
from pathlib import Path
from typing import Any

from dsmr.core.data import fingerprint
from dsmr.core.errors import Cancelled, EngineError, InputError
from dsmr.core.ports import Report
from dsmr.core.recipe import Model, Tuning
from dsmr.core.run import Adapter
from dsmr.engines import weights
from dsmr.engines.loaded import be_polite, open_base
from dsmr.training.encode import Encoded, encode
from dsmr.training.rows import TrainingRow

CHECKPOINTS = "checkpoints"  # inside the draft folder; gone when the adapter is whole
WARMUP_STEPS = 10
DROPOUT = 0.05
WEIGHTS, CONFIG = "adapter_model.safetensors", "adapter_config.json"


def adapter_id(base: Model, tuning: Tuning, rows: Sequence[TrainingRow]) -> str:
    """Content name of an adapter before it is trained: equal inputs, equal name.

    The base counts by its weights, so a better model under the same name trains anew.
    """
    content = weights.content_name(_folder_of(base))
    return fingerprint(content, asdict(tuning), [asdict(row) for row in rows])


def train_adapter(
    base: Model, tuning: Tuning, rows: Sequence[TrainingRow], folder: Path, report: Report
) -> Adapter:
    """Trains on the replies of `rows` and leaves only the PEFT adapter in `folder`.

    `folder` may hold checkpoints of an earlier try: with the same inputs training goes on
    from the last one, to the same weights as without the interruption; otherwise they are
    dropped. `report` is called after every step; Cancelled passes through after a last
    checkpoint. Raises InputError when nothing can be learned from, EngineError when the
    loss is lost (NaN).
    """
    if not rows:
        raise InputError(
            "there are no questions to learn from",
            where="training",
            fix="Add questions with an answer to the train split",
        )
    name = adapter_id(base, tuning, rows)
    be_polite()
    drafts = _drafts_of(folder, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of the libraries, to each other
        trainer, tokens = _trainer(base, tuning, rows, drafts)
        watch = _watch(drafts, report)
        trainer.add_callback(watch)
        report("training", 0, trainer.args.max_steps, f"{len(trainer.train_dataset)} rows")
        trainer.train(resume_from_checkpoint=_last_checkpoint(drafts))
    if watch.stopped:
        raise watch.stopped
    losses = tuple(
        (entry["step"], round(entry["loss"], 4))
        for entry in trainer.state.log_history
        if "loss" in entry
    )
    if not losses or losses[-1][1] != losses[-1][1]:
        raise EngineError("training failed: the loss is not a number; lower the learning rate")
    _save(trainer.model, folder, _public_name(base))
    seconds = watch.seconds()
    shutil.rmtree(drafts)
    return Adapter(
        id=name,
        rows=len(trainer.train_dataset),
        steps=trainer.state.global_step,
        tokens=tokens * tuning.epochs,
        seconds=seconds,
        losses=losses,
    )


def _folder_of(base: Model) -> Path:
    if base.endpoint:
        raise InputError(
            "a model behind an endpoint cannot be tuned here",
            where=base.name,
            fix="Choose a local model for fine-tuning",
        )
    return weights.model_folder(base)


def _public_name(base: Model) -> str:
    """The name to write into files that travel: never a folder of this machine."""
    return Path(base.name).name if Path(base.name).expanduser().is_dir() else base.name


def _drafts_of(folder: Path, name: str) -> Path:
    """The checkpoint folder of these inputs; what other inputs left there is removed."""
    drafts = folder / CHECKPOINTS
    inputs = drafts / "inputs.json"
    if drafts.exists() and not (inputs.is_file() and json.loads(inputs.read_text()) == name):
        shutil.rmtree(drafts)
    drafts.mkdir(parents=True, exist_ok=True)
    inputs.write_text(json.dumps(name))
    return drafts


def _last_checkpoint(drafts: Path) -> str | None:
    """The newest whole checkpoint: its trainer_state.json is written last."""
    whole = [p.parent for p in drafts.glob("checkpoint-*/trainer_state.json") if _is_json(p)]
    newest = max(whole, key=lambda p: int(p.name.rpartition("-")[2]), default=None)
    return str(newest) if newest else None


def _is_json(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_text("utf-8")))
    except ValueError:
        return False


def _trainer(
    base: Model, tuning: Tuning, rows: Sequence[TrainingRow], drafts: Path
) -> tuple[Any, int]:
    """A trainer ready to run, and the tokens of one epoch."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import PrinterCallback, set_seed
    from trl import SFTTrainer

    gpu = torch.cuda.is_available()
    set_seed(tuning.seed)  # before the adapter's first random weights
    model, tokenizer = open_base(_folder_of(base), base.name)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    encoded = _fitting([encode(tokenizer, row) for row in rows], model, base.name)
    steps = ceil(len(encoded) / tuning.batch_size) * tuning.epochs
    trainer = SFTTrainer(
        model=model,
        args=_settings(tuning, steps, drafts, gpu),
        train_dataset=Dataset.from_list([asdict(row) for row in encoded]),
        processing_class=tokenizer,
        peft_config=LoraConfig(
            r=tuning.rank,
            lora_alpha=2 * tuning.rank,
            lora_dropout=DROPOUT,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer, sum(len(row.input_ids) for row in encoded)


def _fitting(encoded: list[Encoded], model: Any, name: str) -> list[Encoded]:
    """The rows that fit the window: a cut reply would teach to stop in mid-sentence."""
    window = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    fitting = [row for row in encoded if window is None or len(row.input_ids) <= window]
    if not fitting:
        raise InputError(
            f"no training row fits the window of {window} tokens",
            where=name,
            fix="Use fewer or shorter passages and examples, or a model with a longer window",
        )
    return fitting


def _settings(tuning: Tuning, steps: int, drafts: Path, gpu: bool) -> Any:
    from trl import SFTConfig

    return SFTConfig(
        output_dir=str(drafts),
        max_steps=steps,
        per_device_train_batch_size=tuning.batch_size,
        learning_rate=tuning.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=min(WARMUP_STEPS, steps // 5),
        weight_decay=0.0,
        seed=tuning.seed,
        data_seed=tuning.seed,
        max_length=None,
        packing=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        gradient_checkpointing=False,
        use_cpu=not gpu,
        bf16=_fast_in_bfloat16(gpu),
        fp16=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=gpu,
        logging_steps=1,
        save_steps=max(10, steps // 8),
        save_total_limit=2,
        report_to="none",
        disable_tqdm=True,
        log_level="error",
    )


def _fast_in_bfloat16(gpu: bool) -> bool:
    """Whether autocast pays: 1.3 to 1.6 times on a CPU with AMX, a loss on one without."""
    import torch

    if gpu:
        return torch.cuda.is_bf16_supported()
    return bool(torch.cpu.get_capabilities().get("amx_bf16"))


def _watch(drafts: Path, report: Report) -> Any:
    """A callback that reports every step, keeps the time over all tries, and can stop."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        def __init__(self) -> None:
            self.clock = drafts / "seconds.json"
            self.before = json.loads(self.clock.read_text()) if self.clock.is_file() else 0.0
            self.start = time.perf_counter()
            self.stopped: Cancelled | None = None

        def seconds(self) -> float:
            return self.before + time.perf_counter() - self.start

        def on_log(self, args, state, control, logs=None, **_):
            self.clock.write_text(json.dumps(self.seconds()))
            loss = (logs or {}).get("loss")
            if loss is None or self.stopped:
                return
            try:
                report("training", state.global_step, state.max_steps, f"loss {loss:.2f}")
            except Cancelled as stop:
                self.stopped = stop
                control.should_save = control.should_training_stop = True

    return Watch()


def _save(model: Any, folder: Path, base_name: str) -> None:
    """Writes the adapter, naming its base without any path, and nothing else."""
    # "auto" would look the base model up on the hub
    model.save_pretrained(folder, safe_serialization=True, save_embedding_layers=False)
    (folder / "README.md").unlink(missing_ok=True)
    config = json.loads((folder / CONFIG).read_text("utf-8"))
    config["base_model_name_or_path"] = base_name
    config["target_modules"] = sorted(config["target_modules"])  # from a set: any order
    (folder / CONFIG).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")
