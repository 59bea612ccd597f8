"""Saves and loads what the user brings: projects, their documents, questions and recipes."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dsmr.core.data import Document, EvalSet, Question, fingerprint
from dsmr.core.errors import InputError
from dsmr.core.recipe import Recipe
from dsmr.store import tables as t
from dsmr.store.db import now, reading, writing
from dsmr.store.values import dump, load


@dataclass(frozen=True, slots=True)
class Project:
    """A room of its own: documents, questions, recipes and runs that belong together."""

    id: str
    name: str
    description: str = ""
    instruction: str = ""  # the project's own words for the prompt rungs of the ladder
    form_instruction: str = ""


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A line of the table of documents: everything but the text."""

    name: str
    document_id: str
    media: str
    pages: int | None
    characters: int
    added: float  # unix seconds


class Projects:
    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine

    # --- projects -------------------------------------------------------------------------

    def add(self, name: str, **words: str) -> Project:
        """A new, empty project. Raises InputError when the name is taken or empty."""
        name = name.strip()
        if not name or any(p.name == name for p in self.all()):
            problem = "a project has this name already" if name else "the name is empty"
            raise InputError(problem, where=f"project {name!r}", fix="Choose another name")
        made = Project(uuid.uuid4().hex[:12], name, **words)
        self.save(made)
        return made

    def save(self, project: Project) -> None:
        """Write a project's own fields, new or changed."""
        with writing(self.engine) as db:
            changed = sa.update(t.project).where(t.project.c.id == project.id)
            if not db.execute(changed.values(body=dump(project))).rowcount:
                row = {"id": project.id, "body": dump(project), "created": now(db)}
                db.execute(sa.insert(t.project).values(row))

    def all(self) -> list[Project]:
        with reading(self.engine) as db:
            bodies = db.scalars(sa.select(t.project.c.body).order_by(t.project.c.created))
            return [load(Project, body) for body in bodies]

    def get(self, project_id: str) -> Project:
        """Raises InputError when there is none."""
        with reading(self.engine) as db:
            body = db.scalar(sa.select(t.project.c.body).where(t.project.c.id == project_id))
        if body is None:
            raise InputError(
                "it does not exist", where=f"project {project_id!r}", fix="Choose one from the list"
            )
        return load(Project, body)

    def named(self, name: str) -> Project | None:
        return next((p for p in self.all() if p.name == name), None)

    def delete(self, project_id: str) -> None:
        """With its list of documents, its questions, recipes and runs."""
        with writing(self.engine) as db:
            db.execute(sa.delete(t.project).where(t.project.c.id == project_id))

    # --- documents ------------------------------------------------------------------------

    def put_documents(self, project_id: str, documents: Iterable[Document]) -> None:
        """Add; one of the same name is replaced."""
        here = t.project_document.c
        with writing(self.engine) as db:
            added = now(db)
            for document in documents:
                _keep(db, t.document, document.id, name=document.name, text=document.text,
                      media=document.media, pages=document.pages)  # fmt: skip
                same = (here.project_id == project_id, here.name == document.name)
                db.execute(sa.delete(t.project_document).where(*same))
                row = {"project_id": project_id, "name": document.name,
                       "document_id": document.id, "added": added}  # fmt: skip
                db.execute(sa.insert(t.project_document).values(row))

    def document_rows(self, project_id: str) -> list[DocumentRow]:
        here, doc = t.project_document.c, t.document.c
        query = (
            sa.select(here.name, here.document_id, doc.media, doc.pages,
                      sa.func.length(doc.text), here.added)
            .join_from(t.project_document, t.document, here.document_id == doc.id)
            .where(here.project_id == project_id).order_by(here.name)
        )  # fmt: skip
        with reading(self.engine) as db:
            return [DocumentRow(*row) for row in db.execute(query)]

    def documents(self, project_id: str) -> list[Document]:
        """All of a project's documents with their text, by name."""
        here = t.project_document.c
        query = _document_values(
            sa.select(here.document_id).where(here.project_id == project_id).scalar_subquery()
        )
        with reading(self.engine) as db:
            return [Document(*row) for row in db.execute(query)]

    def document(self, document_id: str) -> Document | None:
        with reading(self.engine) as db:
            row = db.execute(_document_values([document_id])).first()
        return Document(*row) if row else None

    def delete_documents(self, project_id: str, names: Sequence[str]) -> None:
        """Take out of the project; runs that used them keep them."""
        here = t.project_document.c
        with writing(self.engine) as db:
            gone = (here.project_id == project_id, here.name.in_(names))
            db.execute(sa.delete(t.project_document).where(*gone))

    # --- questions ------------------------------------------------------------------------

    def put_questions(self, project_id: str, questions: Iterable[Question]) -> None:
        """Add; one of the same id is replaced in its place."""
        here = t.project_question.c
        with writing(self.engine) as db:
            mine = here.project_id == project_id
            known = dict(db.execute(sa.select(here.id, here.position).where(mine)).all())
            following = max(known.values(), default=-1) + 1
            for question in questions:
                position = known.get(question.id)
                if position is None:
                    position, following = following, following + 1
                    known[question.id] = position
                db.execute(sa.delete(t.project_question).where(mine, here.id == question.id))
                row = {"project_id": project_id, "id": question.id, "position": position,
                       "body": dump(question)}  # fmt: skip
                db.execute(sa.insert(t.project_question).values(row))

    def questions(self, project_id: str) -> list[Question]:
        here = t.project_question.c
        query = sa.select(here.body).where(here.project_id == project_id).order_by(here.position)
        with reading(self.engine) as db:
            return [load(Question, body) for body in db.scalars(query)]

    def delete_questions(self, project_id: str, ids: Sequence[str]) -> None:
        here = t.project_question.c
        with writing(self.engine) as db:
            db.execute(
                sa.delete(t.project_question).where(here.project_id == project_id, here.id.in_(ids))
            )

    def mark_looked_at(self, project_id: str, ids: Sequence[str]) -> None:
        here = t.project_question.c
        with writing(self.engine) as db:
            rows = (here.project_id == project_id, here.id.in_(ids))
            db.execute(sa.update(t.project_question).where(*rows).values(looked_at=True))

    def looked_at(self, project_id: str) -> set[str]:
        here = t.project_question.c
        with reading(self.engine) as db:
            query = sa.select(here.id).where(here.project_id == project_id, here.looked_at)
            return set(db.scalars(query))

    # --- frozen data, as runs see it ------------------------------------------------------

    def freeze(self, project_id: str) -> tuple[str, str]:
        """Names of the evaluation set and corpus as they are now; later edits do not touch them."""
        evalset = EvalSet(self.get(project_id).name, tuple(self.questions(project_id)))
        held = [[row.name, row.document_id] for row in self.document_rows(project_id)]
        corpus_id = fingerprint(held)
        with writing(self.engine) as db:
            _keep(db, t.evalset, evalset.id, body=dump(evalset))
            _keep(db, t.corpus, corpus_id, body=json.dumps(held))
        return evalset.id, corpus_id

    def evalset(self, evalset_id: str) -> EvalSet:
        with reading(self.engine) as db:
            query = sa.select(t.evalset.c.body).where(t.evalset.c.id == evalset_id)
            return load(EvalSet, db.execute(query).scalar_one())

    def corpus(self, corpus_id: str) -> list[Document]:
        with reading(self.engine) as db:
            query = sa.select(t.corpus.c.body).where(t.corpus.c.id == corpus_id)
            held = json.loads(db.execute(query).scalar_one())
            return [Document(*row) for row in db.execute(_document_values([d for _, d in held]))]

    # --- saved recipes --------------------------------------------------------------------

    def put_recipe(self, project_id: str, recipe: Recipe) -> None:
        """Save under its name; one of the same name is replaced."""
        here = t.recipe.c
        with writing(self.engine) as db:
            same = (here.project_id == project_id, here.name == recipe.name)
            db.execute(sa.delete(t.recipe).where(*same))
            row = {"project_id": project_id, "name": recipe.name, "body": dump(recipe),
                   "saved": now(db)}  # fmt: skip
            db.execute(sa.insert(t.recipe).values(row))

    def recipes(self, project_id: str) -> list[Recipe]:
        here = t.recipe.c
        query = sa.select(here.body).where(here.project_id == project_id).order_by(here.saved)
        with reading(self.engine) as db:
            return [load(Recipe, body) for body in db.scalars(query)]

    def delete_recipe(self, project_id: str, name: str) -> None:
        here = t.recipe.c
        with writing(self.engine) as db:
            db.execute(sa.delete(t.recipe).where(here.project_id == project_id, here.name == name))


def _document_values(ids: object) -> sa.Select[tuple[str, str, str, int | None]]:
    doc = t.document.c
    query = sa.select(doc.name, doc.text, doc.media, doc.pages)
    return query.where(doc.id.in_(ids)).order_by(doc.name)  # type: ignore[arg-type]


def _keep(db: sa.Connection, table: sa.Table, id: str, **columns: object) -> None:
    """Insert what is named by its content, once."""
    if db.scalar(sa.select(table.c.id).where(table.c.id == id)) is None:
        db.execute(sa.insert(table).values(id=id, **columns))
