"""All session and query state: the frame of every page, the project chosen, errors made calm."""

import logging
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import streamlit as st

from dsmr.core.errors import DsmrError, InputError
from dsmr.store.projects import Project
from dsmr.store.records import Store, open_store
from dsmr.ui.navigation import PLACES, navigate, show_places
from dsmr.ui.words import plain

log = logging.getLogger("dsmr.pages")
MARK = Path(__file__).with_name("mark.svg")  # a named icon would be fetched from elsewhere
PAGE_WIDTH = 1180  # pixels; wider lines are hard to read
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a page works on."""

    store: Store
    project: Project


@st.cache_resource(show_spinner=False)
def _store(home: str, url: str | None) -> Store:
    return open_store(home)


def the_store() -> Store:
    home = os.environ.get("DSMR_HOME") or "workspace"
    return _store(home, os.environ.get("DSMR_DATABASE"))


def frame() -> Any:
    """The window around all pages; returns the page to run. For app.py only."""
    st.set_page_config(page_title="DSMR", page_icon=str(MARK), layout="wide")
    st.session_state["framed"] = True
    return _shell()


def _shell() -> Any:
    st.logo(str(MARK), size="large")
    return navigate()


@contextmanager
def open_page(key: str, lead: str = "") -> Iterator[Desk]:
    """The first line of every page: navigation, project, title; errors become sentences.

    A page opened on a fresh server runs without app.py, so nothing is taken for granted.
    """
    place = PLACES[key]
    st.set_page_config(page_title=f"{place.title} · DSMR", page_icon=str(MARK), layout="wide")
    if not st.session_state.pop("framed", False):
        _frame_late()
    with st.container(horizontal_alignment="center"), st.container(width=PAGE_WIDTH):
        with st.container(gap=None):
            st.title(place.title, anchor=False)
            if lead:
                st.caption(lead)
        desk = _open_desk()
        if desk is None:
            st.stop()
        with calm():
            yield desk


def _frame_late() -> None:
    """The page was opened without app.py: make the pages known, and start over with it.

    Starting over matters: the first click on a page shown by the old way would be lost.
    """
    _shell()
    if not st.session_state.get("framed_late"):
        st.session_state["framed_late"] = True
        st.rerun()


def _open_desk() -> Desk | None:
    """None: there is no project, or no store, and the page says so."""
    with calm():
        store = the_store()
        _wake_worker(store)
        with st.sidebar:
            project = choose_project(store)
            show_places()
        if project is not None:
            return Desk(store, project)
        _no_project(store)
    return None


@contextmanager
def calm() -> Iterator[None]:
    """What goes wrong inside is told in one sentence; the details go to the log."""
    try:
        yield
    except DsmrError as error:
        tell(error)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("page error, reference %s", reference)
        st.error(
            "Something went wrong on this page; your data is safe. Reload the page, and if it "
            f"stays, look for reference `{reference}` in the log.",
            icon=":material/error:",
        )


def guarded(function: Callable[P, R]) -> Callable[P, R | None]:
    """For fragments and dialogs, which run outside their page."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R | None:
        with calm():
            return function(*args, **kwargs)
        return None

    return wrapped


def tell(error: DsmrError) -> None:
    """Where, what, and how to fix it."""
    if isinstance(error, InputError):
        where, problem = plain(error.where), plain(error.problem)
        text = f"**{where[:1].upper()}{where[1:]}** — {problem}. {plain(error.fix)}."
    else:
        text = plain(error)
    st.error(text, icon=":material/error:")


# --- the project ----------------------------------------------------------------------------


def choose_project(store: Store) -> Project | None:
    """The selector in the sidebar; the choice lives in the address and in the session."""
    projects = store.projects.all() or _first_projects(store)
    if not projects:
        return None
    known = {project.id: project for project in projects}
    wanted = st.query_params.get("project") or st.session_state.get("project")
    chosen = known.get(str(wanted), projects[0])
    _remember(chosen.id)
    with st.container(gap=None):
        picked = st.selectbox(
            "Project",
            list(known),
            index=list(known).index(chosen.id),
            format_func=lambda id: known[id].name,
            key=f"project_choice_{chosen.id}_{len(known)}",
            help="Documents, questions, recipes and runs that belong together.",
        )
        with st.container(horizontal=True, gap="small"):
            if st.button("New", icon=":material/add:", type="tertiary", key="project_new"):
                _new_project(store)
            if st.button("Edit", icon=":material/edit:", type="tertiary", key="project_edit"):
                _edit_project(store, chosen)
    if picked and picked != chosen.id:
        _switch(picked)
    return chosen


def _remember(project_id: str) -> None:
    st.session_state["project"] = project_id
    if st.query_params.get("project") != project_id:
        st.query_params["project"] = project_id


def _switch(project_id: str) -> None:
    st.query_params.clear()
    _remember(project_id)
    st.rerun()


def _first_projects(store: Store) -> list[Project]:
    """On a fresh install the sample is already there. Deleted, it stays away."""
    if os.environ.get("DSMR_NO_SAMPLE") or store.setting("sample_installed"):
        return []
    from dsmr.work.sample import install_sample

    with st.spinner("Setting up the sample project"):
        install_sample(store)
    store.put_setting("sample_installed", True)
    return store.projects.all()


def _no_project(store: Store) -> None:
    st.markdown("#### Start with a project")
    st.caption("A project holds documents, questions about them, and everything you try.")
    with st.form("first_project", border=False, width=480):
        name = st.text_input("Name", placeholder="Support handbook")
        if st.form_submit_button("Create project", type="primary"):
            _switch(store.projects.add(name).id)
    if st.button("Use the sample project instead", type="tertiary", key="bring_sample"):
        from dsmr.work.sample import install_sample

        _switch(install_sample(store).id)


@st.dialog("New project")
@guarded
def _new_project(store: Store) -> None:
    name = st.text_input("Name", key="new_project_name", placeholder="Support handbook")
    description = st.text_input("What it is about", key="new_project_description")
    if st.button("Create project", type="primary", key="new_project_create"):
        _switch(store.projects.add(name, description=description).id)


@st.dialog("Edit project")
@guarded
def _edit_project(store: Store, project: Project) -> None:
    name = st.text_input("Name", project.name, key="edit_project_name")
    description = st.text_input(
        "What it is about", project.description, key="edit_project_description"
    )
    if st.button("Save", type="primary", key="edit_project_save"):
        taken = store.projects.named(name.strip())
        if not name.strip() or (taken and taken.id != project.id):
            raise InputError(
                "a project has this name already" if taken else "the name is empty",
                where="the project's name",
                fix="Choose another name",
            )
        store.projects.save(
            Project(
                project.id,
                name.strip(),
                description,
                project.instruction,
                project.form_instruction,
            )
        )
        st.rerun()
    with st.expander("Delete this project"):
        st.caption("Its documents, questions, recipes and runs go with it. There is no undo.")
        sure = st.checkbox("Yes, delete all of it", key="delete_project_sure")
        if st.button("Delete project", disabled=not sure, key="delete_project"):
            for progress in store.queue.progress(project.id):
                store.queue.cancel(progress.run_id)
            store.projects.delete(project.id)
            st.query_params.clear()
            st.session_state.pop("project", None)
            st.rerun()


def _wake_worker(store: Store) -> None:
    from dsmr.work import jobs

    jobs.ensure_worker(store)
