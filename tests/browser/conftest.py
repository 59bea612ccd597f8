"""A real server and a real browser; the browser reports what it should never do."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROME = os.environ.get("DSMR_CHROME") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# On a deep link the browser first looks for the server below the page's own address.
DEEP_LINK = ("/_stcore/health", "/_stcore/host-config")


class Server:
    """The app on a port of its own; `stop` kills it without a word."""

    def __init__(self, home, sample=False):
        self.home = Path(home)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        environment = {**os.environ, "DSMR_HOME": str(home)}
        if not sample:
            environment["DSMR_NO_SAMPLE"] = "1"
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port"]
        self.process = subprocess.Popen(
            [*command, str(self.port)], cwd=ROOT, env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}/{path}"

    def wait(self):
        for _ in range(300):
            try:
                urllib.request.urlopen(self.url("_stcore/health"), timeout=1)
                return
            except OSError:
                time.sleep(0.2)
        raise TimeoutError("the server did not come up")

    def stop(self):
        self.process.kill()
        self.process.wait(10)


@pytest.fixture
def serve(home):
    started = []

    def start(sample=False):
        started.append(Server(home, sample))
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def browser(tmp_path):
    """Opens windows, each a session of its own. Ends by asking what went wrong in them."""
    if not CHROME:
        pytest.skip("no chromium found: install it, or set DSMR_CHROME to a browser")
    playwright = pytest.importorskip("playwright.sync_api")
    wrong, opened = [], []

    def watch(page):
        page.on("pageerror", lambda error: wrong.append(f"page error: {error}"))
        page.on("request", lambda request: _inside(request.url) or wrong.append(request.url))
        page.on("response", lambda r: _expected(r) or wrong.append(f"{r.status} {r.url}"))
        page.on("console", lambda m: _harmless(m) or wrong.append(f"console: {m.text}"))

    with playwright.sync_playwright() as driver:

        def window(scheme="light"):
            context = driver.chromium.launch_persistent_context(
                tmp_path / f"browser{len(opened)}", executable_path=CHROME, args=FLAGS,
                viewport={"width": 1280, "height": 1400}, color_scheme=scheme,
            )  # fmt: skip
            opened.append(context)
            context.set_default_timeout(60_000)
            page = context.pages[0]
            watch(page)
            return page

        yield window
        for context in opened:
            context.close()
    assert not wrong, wrong


def _inside(url):
    return url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))


def _expected(response):
    return response.status < 400 or response.url.endswith(DEEP_LINK)


def _harmless(message):
    return message.type != "error" or "404" in message.text  # named by its response
