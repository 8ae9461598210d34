# Everything here works from a fresh clone on a machine with Python 3.11-3.13, make and git.
# `make help` lists the targets. PYTHON=... chooses the interpreter that .venv is made from.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	2>/dev/null && echo $$python && break; done)
PY := .venv/bin/python
NODE := $(PY) -m deploy.local.node
MINIAPP_SOURCES := $(shell find static/miniapp deploy/local/wallet -type f \
	-not -path '*/node_modules/*' 2>/dev/null)
METHOD ?= ton
# A shop is a dozen programs of one source; without this each compiles all of it at every start.
unexport PYTHONDONTWRITEBYTECODE

# --- what people ask for ------------------------------------------------------------------------

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: run
run: install miniapp ## install, build and start the shop at http://127.0.0.1:8000; Ctrl-C stops it
	@$(PY) -m deploy.local.up

.PHONY: test
test: install miniapp ## every test: Python, contracts, Mini App, browser
	@$(NODE) npm run --silent test
	@$(PY) -m pytest -n auto $(PYTEST)

.PHONY: test-ipfs
test-ipfs: install ## what we rely on at a node, against js-ipfs from npm; or IPFS_API=, IPFS_GATEWAY=
	@$(PY) -m tests.ipfs

.PHONY: demo
demo: install miniapp ## METHOD=ton: one purchase end to end in a throw-away world; ACQUIRER=tbank, KEEP=1, AUDIO=, COVER=
	@$(PY) -m deploy.local.demo --method "$(METHOD)"

.PHONY: simulate
simulate: install ## SEEDS=20 STEPS=400: lives of a whole shop at random; SEED=n replays one
	@$(PY) -m tests.simulation

.PHONY: mutants
mutants: install ## plant faults in the source of money and media, one at a time; each has to be noticed
	@$(PY) -m tests.simulation.mutants

.PHONY: real-music
real-music: install ## two Debian packages of music from upload to streams, as a table
	@$(PY) -m tests.catalog.real_music

.PHONY: bench
bench: install miniapp ## measure; JSON lines in build/bench.jsonl
	@$(PY) -m deploy.bench

.PHONY: bench-data
bench-data: install ## SCALE=1: 500 000 tracks and 10 million ledger legs for `make bench`; FRESH=1 anew
	@SCALE="$(SCALE)" FRESH="$(FRESH)" $(PY) -m deploy.bench.large

.PHONY: contracts
contracts: install ## compile the FunC sources into contracts/build, or into OUT=folder
	@$(PY) -m contracts.compile $(if $(OUT),--out "$(OUT)")

.PHONY: contracts-funcjs
contracts-funcjs: install ## the same hashes from func-js, the compiler's other build (npm)
	@$(PY) -m tests.contracts.funcjs

.PHONY: decode
decode: install ## BOC=...: say in words what a message to our contracts would do
	@$(PY) -m contracts.decode "$(BOC)"

.PHONY: lint
lint: static/miniapp/node_modules/.installed ## style, types and architecture, Python and TypeScript
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check --quiet .
	@$(PY) -m mypy .
	@$(NODE) npm run --silent check
	@$(NODE) npm run --silent lint
	@$(PY) -m pytest -q tests/test_architecture.py

.PHONY: fmt
fmt: install ## put the code into shape
	@$(PY) -m ruff check --quiet --fix-only .
	@$(PY) -m ruff format --quiet .

.PHONY: audit
audit: install ## known holes in what we depend on; deployment checks
	@$(PY) -m deploy.local.audit

.PHONY: lock
lock: install ## renew both lock files from requirements.in and requirements-dev.in
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url $(LOCK) requirements.in -o requirements.txt
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
		--no-emit-index-url $(LOCK) requirements-dev.in -o requirements-dev.txt

.PHONY: schema
schema: static/miniapp/node_modules/.installed ## write the OpenAPI schema from which the Mini App's types are made
	@DJANGO_SETTINGS_MODULE=core.settings.test $(PY) manage.py spectacular --validate \
		--fail-on-warn --file static/miniapp/openapi.yaml
	@$(NODE) npm run --silent types

.PHONY: miniapp
miniapp: build/miniapp/.built ## build the Mini App, when its sources changed

.PHONY: clean
clean: ## remove state and builds: databases, local chain, media, build/
	@if [ -x $(PY) ]; then $(PY) -m deploy.local.clean; fi
	@rm -rf build static/miniapp/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis

# --- how it comes about -------------------------------------------------------------------------

.PHONY: install
install: .venv/.installed ## make .venv and install the locked requirements

.venv/.installed: requirements.txt requirements-dev.txt deploy/local/install.py
	@if [ -z "$(PYTHON)" ]; then \
		echo "cannot install: no Python 3.11, 3.12 or 3.13 found; set PYTHON=/path/to/python3.12" >&2; \
		exit 1; fi
	@$(PYTHON) deploy/local/install.py

static/miniapp/node_modules/.installed: static/miniapp/package-lock.json | install
	@echo "installing the Mini App's packages"
	@$(NODE) npm ci --loglevel=error --no-progress
	@touch $@

build/miniapp/.built: static/miniapp/node_modules/.installed $(MINIAPP_SOURCES)
	@echo "building the Mini App"
	@$(NODE) npm run --silent build
	@touch $@
