# Each target sets up what it needs in .venv, from the package registry, and only once.
# Assumed on the machine: python3 (3.11 or newer, with venv), make and git.

PYTHON   ?= python3
VENV     := .venv
BIN      := $(VENV)/bin
PIP      := $(BIN)/python -m pip --disable-pip-version-check --quiet
SCENARIO ?=
N        ?= 500
SEED     ?= 1
OUTDIR   ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test unit lab kernel-diff check lint evidence bench docs pages constraints clean

help: ## what can be made here
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1@\2/p' $(MAKEFILE_LIST) | awk -F@ '{ printf "%-18s %s\n", $$1, $$2 }'

demo: $(VENV)/.runtime ## the story of a hijacked phone system, on bundled evidence: no root, no network
	@$(BIN)/ringfence demo

test: unit lab ## all tests; the lab's need root on Debian, elsewhere they skip and say so

unit: $(VENV)/.dev ## all tests but the lab's
	$(BIN)/python -m pytest --numprocesses=auto --ignore=tests/lab

lab: $(VENV)/.dev ## real Asterisk, phones and attackers in network namespaces (root, Debian)
	$(BIN)/python -m pytest tests/lab --verbose

kernel-diff: $(VENV)/.dev ## the firewall engine against this kernel: N=1000 rule sets, SEED=1 the first (root)
	KERNEL_RULESETS=$(N) KERNEL_SEED=$(SEED) $(BIN)/python -m pytest tests/reach/test_kernel.py --numprocesses=auto --quiet

check: lint unit ## what must hold before a commit: lint, types, rings, tests, docs
	$(MAKE) --no-print-directory docs

lint: $(VENV)/.dev ## ruff, mypy and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

evidence: $(VENV)/.dev ## replay one scenario in the lab and write its bundle: SCENARIO=name OUTDIR=folder
	@test -n "$(SCENARIO)" && test -n "$(OUTDIR)" || { echo "usage: make evidence SCENARIO=name OUTDIR=folder" >&2; exit 2; }
	$(BIN)/python -m tests.lab.evidence "$(SCENARIO)" "$(OUTDIR)"

bench: $(VENV)/.dev ## start-up time, and a large site checked: time and memory
	@set -e; for script in bench/*.py; do $(BIN)/python -m "bench.$$(basename "$$script" .py)"; done

docs: $(VENV)/.dev ## the manual as HTML, in docs/_build/html
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet --builder html docs docs/_build/html
	@echo "The manual is in docs/_build/html/index.html"

pages: $(VENV)/.dev ## write again what the manual takes from the program: a page per check, help texts, commands
	$(BIN)/python docs/generate.py
	$(BIN)/python -m cogapp -P -r -I docs docs/commands.md docs/bundle-layout.md

constraints: ## compile constraints/*.txt again: newest versions that pyproject.toml allows, with hashes
	$(PYTHON) -m venv $(VENV)-constraints
	$(VENV)-constraints/bin/python -m pip --disable-pip-version-check --quiet install 'pip-tools>=7.5'
	$(COMPILE) --build-deps-for editable --only-build-deps --output-file constraints/build.txt pyproject.toml
	$(COMPILE) --output-file constraints/runtime.txt pyproject.toml
	$(COMPILE) --extra dev --output-file constraints/dev.txt pyproject.toml
	rm -r $(VENV)-constraints

# The files must suit a stranger's machine, so this one's pip settings (find-links, constraints) stay out of them.
COMPILE = env -u PIP_FIND_LINKS -u PIP_CONSTRAINT PIP_CONFIG_FILE=/dev/null CUSTOM_COMPILE_COMMAND="make constraints" \
	$(VENV)-constraints/bin/pip-compile --quiet --upgrade --generate-hashes --strip-extras --allow-unsafe --newline lf \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

clean: ## remove what the targets above made
	rm -rf $(VENV) $(VENV)-constraints docs/_build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(VENV)/.runtime: pyproject.toml constraints/build.txt constraints/runtime.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Ringfence needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install one and name it: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments: on Debian and Ubuntu that is a package of its own." >&2; \
	  echo "Install it: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV) (once, from the package registry) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r constraints/build.txt -r constraints/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime constraints/dev.txt
	@echo "Setting up the development tools in $(VENV) (once) ..." >&2
	@$(PIP) install --require-hashes -r constraints/dev.txt
	@touch $@
