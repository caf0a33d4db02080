# make lab    set up (first time about a minute) and open the labs in JupyterLab
# make test   the same set-up, then every check of the project
# make bench  tables of ratios;  make lock  new versions;  make setup  set-up alone
.PHONY: setup lab test bench lock browser clean
.DEFAULT_GOAL := lab

VENV := .venv
BIN  := $(VENV)/bin
SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))

# The first interpreter of a supported version; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c '$(SUPPORTED)' >/dev/null 2>&1 && echo $$p && break; done)

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(SUPPORTED)' || { \
	  echo "mlcourse needs Python 3.11, 3.12 or 3.13 and found none of them." >&2; \
	  echo "Install one from python.org, then run: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV); the first time takes about a minute."
	@test -x $(BIN)/python && $(BIN)/python -c '$(SUPPORTED)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@test -x $(BIN)/uv || { sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock.txt && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock.txt; }
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --compile-bytecode --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

lab: setup
	@$(BIN)/mlcourse lab $(LAB)

test: setup browser
	@$(BIN)/mlcourse dev check

# Headless Chromium for the browser test: the machine's own, else Debian's, else Playwright's.
browser: setup
	@$(BIN)/python tests/browser/chromium.py --install

bench: setup
	@for table in benchmarks/[a-z]*.py; do echo "== $$table"; $(BIN)/python $$table || exit 1; done

# A newer set of versions, for every platform. The hash-free copy is for conda, whose
# pip step refuses hashes beside an editable package.
lock: setup
	@$(BIN)/uv pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url \
	  --no-annotate --no-header --all-extras pyproject.toml --output-file requirements.lock
	@$(BIN)/python -m mlcourse.authoring.lock

clean:
	rm -rf $(VENV) .grading .artefacts
