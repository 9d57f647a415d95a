# Two commands do all: `make book` (environment, experiments' evidence, notebooks, site) and `make test`.
# `make help` lists the rest. Everything is written inside the checkout: .venv, .ouroboros, _build.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PYTHONHASHSEED := 0

.PHONY: help book test serve print refresh cluster lint bench screenshots clean distclean lock status

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 18

book: $(VENV)/book.stamp ## Build the site into _build/html (environment, notebooks, pages)
	@$(BIN)/ouroboros build

test: $(VENV)/test.stamp book ## Run all tests, on the built site too
	@$(BIN)/python -m pytest

serve: book ## Serve the built site at http://localhost:$(PORT)
	@$(BIN)/ouroboros serve --port $(PORT)

print: book ## Print the book to PDF beside its EPUB, in _build/html/print (needs Chromium)
	@$(BIN)/ouroboros print

refresh: $(VENV)/book.stamp ## Run every stale experiment at publish tier and show what changed (hours; resumable)
	@$(BIN)/ouroboros run --all --tier publish $(ON)
	@$(BIN)/ouroboros diff

cluster: $(VENV)/book.stamp ## Install what a run on a Dask cluster needs (--scheduler, --cluster)
	@$(call INSTALL,requirements-cluster.txt)

lint: $(VENV)/test.stamp ## Style, spelling, prose, ledger and evidence checks
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/proselint check index.md book notebooks README.md CHANGELOG.md
	@$(BIN)/python -m ouroboros.publishing.style_rules
	@$(BIN)/ouroboros check

bench: $(VENV)/test.stamp ## Ratios against peers (benchmarks/)
	@for b in benchmarks/bench_*.py; do echo "== $$b"; $(BIN)/python "$$b" || [ $$? -eq 2 ]; done  # 2: a peer is not there

screenshots: $(VENV)/test.stamp book ## Photograph the site into _build/screenshots (needs Chromium and its driver)
	@$(BIN)/python tests/site/photograph.py $(PAGES)

status: $(VENV)/book.stamp ## What is stale or due
	@$(BIN)/ouroboros status

lock: ## Renew the hash-locked requirements (needs uv)
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header requirements.in -o requirements.txt
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header -c requirements.txt requirements-cluster.in -o requirements-cluster.txt
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header requirements-dev.in -o requirements-dev.txt
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-annotate --no-header requirements-bench.in -o requirements-bench.txt

clean: ## Remove what a build made (keeps .venv and unaccepted evidence)
	@rm -rf _build

distclean: clean ## Remove the environment and unaccepted evidence as well
	@rm -rf $(VENV) .ouroboros src/*.egg-info

# --- environment -----------------------------------------------------------------------------------
# uv is used when it is there (seconds instead of a minute); pip otherwise. Both check every hash.
define INSTALL
	if command -v uv >/dev/null; then \
	  VIRTUAL_ENV=$(CURDIR)/$(VENV) uv pip install --quiet --require-hashes -r $(1); \
	else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(1); \
	fi
endef

$(VENV)/book.stamp: requirements.txt pyproject.toml
	@if [ -z "$(PYTHON)" ]; then \
	  echo "ouroboros: needs Python 3.11, 3.12 or 3.13 (found: $$(python3 --version 2>/dev/null || echo none)); set PYTHON=/path/to/python3.x" >&2; exit 2; fi
	@if ! "$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null; then \
	  echo "ouroboros: $(PYTHON) has no venv module (on Debian: apt-get install python3-venv)" >&2; exit 2; fi
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	@echo "environment: installing the locked requirements"
	@$(call INSTALL,requirements.txt)
	@if command -v uv >/dev/null; then \
	  VIRTUAL_ENV=$(CURDIR)/$(VENV) uv pip install --quiet --no-deps --no-build-isolation --editable .; \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .; fi
	@touch $@

$(VENV)/test.stamp: $(VENV)/book.stamp requirements-dev.txt
	@echo "environment: installing what the tests need"
	@$(call INSTALL,requirements-dev.txt)
	@touch $@
