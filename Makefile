# Two commands do everything: `make run` and `make test`. Both set up what they need.
PYTHON ?= python3
PORT ?= 8501
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test lint bench clean

run: $(VENV)/.installed
	@echo "DSMR opens at http://127.0.0.1:$(PORT)  (stop with Ctrl-C)"
	@$(VENV)/bin/streamlit run app.py --server.port $(PORT)

test: $(VENV)/.installed-dev
	@$(PY) -m ruff check --quiet .
	@sh tests/chromium.sh
	@$(PY) -m pytest

lint: $(VENV)/.installed-dev
	$(PY) -m ruff check . && $(PY) -m ruff format --check .

bench: $(VENV)/.installed
	$(PY) benchmarks/ladder.py

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "DSMR needs Python 3.11 or newer; name it: make PYTHON=python3.12 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(PY)
	@echo "Installing packages into $(VENV) (a few minutes, once) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing packages into $(VENV) (a few minutes, once) …"
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/.installed $@

clean:
	rm -rf $(VENV) workspace
