"""Switches a recipe on: builds or reuses its index and adapter, opens its engine."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from dsmr.core.data import Document, EvalSet, Passage, Question
from dsmr.core.errors import InputError
from dsmr.core.ports import Engine, Report, Retriever, quiet
from dsmr.core.recipe import Recipe, Retrieval
from dsmr.core.run import Adapter
from dsmr.engines import open_engine
from dsmr.ingest.split import split_document
from dsmr.retrieval.embed import MiniLM, tokenizer
from dsmr.retrieval.index import Index, build_index
from dsmr.retrieval.similar import Examples
from dsmr.store.records import Store
from dsmr.store.values import dump, load
from dsmr.store.workspace import ensure
from dsmr.work.memory import Remembering

TRAINED = "trained.json"  # in an adapter's folder: what making it took
INDEXED = "indexed.json"  # in an index's folder, likewise
INDEX_FORM = 2  # raise when build_index writes something else, so that old folders are left


@dataclass(frozen=True, slots=True)
class Kit:
    """A recipe, switched on."""

    recipe: Recipe
    engine: Engine  # remembers replies; `engine.inner` asks anew
    retriever: Retriever | None = None
    examples: Examples | None = None
    adapter: Adapter | None = None
    indexing_seconds: float | None = None  # what making the index took, once; None: no index

    def search(self, questions: Sequence[Question]) -> list[tuple[Passage, ...]]:
        wanted = self.recipe.retrieval
        if not self.retriever or not wanted:
            return [() for _ in questions]
        return self.retriever.search([q.text for q in questions], wanted.top_k)

    def shots(self, questions: Sequence[Question]) -> list[tuple[Question, ...]]:
        if not self.examples:
            return [() for _ in questions]
        return self.examples.pick(questions)


def prepare(
    store: Store,
    recipe: Recipe,
    documents: Sequence[Document],
    evalset: EvalSet,
    report: Report = quiet,
) -> Kit:
    """Build only what is missing, each part named by the content that went into it.

    Raises InputError when the recipe needs what the data does not have: documents to
    search, or a train split to show or to learn from.
    """
    train = evalset.only("train")
    if (recipe.shots or recipe.tuning) and not train:
        raise InputError(
            "the recipe needs examples, and no question is in the train split",
            where=f"recipe {recipe.name!r}",
            fix="Give some questions the split 'train' on the Questions page",
        )
    index = _index_folder(store, recipe, documents, report) if recipe.retrieval else None
    retriever = Index(index, recipe.retrieval.mode, MiniLM()) if index else None
    examples = Examples(train, recipe.shots, MiniLM()) if recipe.shots else None
    adapter, folder = None, None
    if recipe.tuning:
        adapter, folder = _adapter(store, recipe, evalset, retriever, report)
    report("model", 0, 1, "opening the model")
    engine = Remembering(open_engine(recipe.model, folder), store)
    indexing = _indexing_seconds(index) if index else None
    return Kit(recipe, engine, retriever, examples, adapter, indexing)


def _index_folder(
    store: Store, recipe: Recipe, documents: Sequence[Document], report: Report
) -> Path:
    wanted, embedder = recipe.retrieval or Retrieval(), MiniLM()
    if not any(document.text.strip() for document in documents):
        raise InputError(
            "the recipe searches documents, and the project has none",
            where=f"recipe {recipe.name!r}",
            fix="Upload documents on the Documents page",
        )
    inputs = {
        "form": INDEX_FORM,
        "documents": sorted(d.id for d in documents),
        "passage_tokens": wanted.passage_tokens,
        "overlap_tokens": wanted.overlap_tokens,
        "embedder": embedder.name,
    }

    def build(folder: Path) -> None:
        started = time.monotonic()
        for left in folder.iterdir():  # of a build that was killed: an index is quick to redo
            _remove(left)
        passages = [
            passage
            for document in sorted(documents, key=lambda d: d.name)
            for passage in split_document(
                document, tokenizer(), wanted.passage_tokens, wanted.overlap_tokens
            )
        ]
        build_index(passages, folder, embedder, report)
        took = {"seconds": time.monotonic() - started, "passages": len(passages)}
        (folder / INDEXED).write_text(json.dumps(took), encoding="utf-8")

    report("index", 0, 1, "looking for the index")
    return ensure(store.made / "index", inputs, build)


def _indexing_seconds(folder: Path) -> float:
    return float(json.loads((folder / INDEXED).read_text(encoding="utf-8"))["seconds"])


def _remove(path: Path) -> None:
    import shutil

    shutil.rmtree(path) if path.is_dir() else path.unlink()


def _adapter(
    store: Store,
    recipe: Recipe,
    evalset: EvalSet,
    retriever: Retriever | None,
    report: Report,
) -> tuple[Adapter, Path]:
    from dsmr.training.rows import disjoint, training_rows
    from dsmr.training.sft import adapter_id, train_adapter

    assert recipe.tuning
    rows = training_rows(evalset.only("train"), replace(recipe, shots=None), search=retriever)
    if not rows:
        raise InputError(
            "no question of the train split has an answer to learn",
            where=f"recipe {recipe.name!r}",
            fix="Fill in answers for the questions in the train split",
        )
    try:
        disjoint(rows, [*evalset.only("test"), *evalset.only("dev")])
    except ValueError as leak:
        raise InputError(
            str(leak), where="the train split",
            fix="Delete or move one of each pair on the Questions page",
        ) from leak  # fmt: skip
    inputs = {
        "adapter": adapter_id(recipe.model, recipe.tuning, rows),
        "tuning": asdict(recipe.tuning),
        "rows": len(rows),
    }

    def build(folder: Path) -> None:
        report("training", 0, 1, f"{len(rows)} training rows")
        made = train_adapter(recipe.model, recipe.tuning, rows, folder, report)  # type: ignore[arg-type]
        (folder / TRAINED).write_text(dump(made), encoding="utf-8")

    report("training", 0, 1, "looking for the adapter")
    folder = ensure(store.made / "adapter", inputs, build)
    adapter = load(Adapter, (folder / TRAINED).read_text(encoding="utf-8"))
    if store.adapter(adapter.id) is None:
        store.put_adapter(adapter)
    return adapter, folder
