# run · demo · bundles · test [ARGS=…] · check · bench · bench-imaging [PHOTOS=folder] · bench-browser [ROUNDS=3]
# bench-serving [ARGS=--slow] · bench-backfill [IMAGES=2000] · faults [KILLS=500] · races [RACES=200] · fuzz [SECONDS=120]
# mutants [MODULES=access] [SAMPLE=60] [SEED=1]
PORT ?= 5000
HOST ?= 127.0.0.1
PYTHON ?= python3
BIN := .venv/bin
# `worksteal` gives each process neighbouring tests, so that fixtures of a module are set up once, not in each process.
# Two per processor: tests often wait for a server or a browser (24 % of the time with three workers on two processors).
TEST_WORKERS ?= $(shell processors=$$(nproc 2>/dev/null) && echo $$((processors * 2)) || echo auto)

.PHONY: run demo bundles test check bench bench-serving bench-imaging bench-browser bench-backfill faults races fuzz mutants

run: .venv/ready
	@$(BIN)/alembic upgrade head
	@$(BIN)/flask users setup-link --base-url http://$(HOST):$(PORT)
	@echo "Proofsheet is at http://$(HOST):$(PORT) (Ctrl-C stops it)"
	@exec $(BIN)/gunicorn --config python:app.server --bind $(HOST):$(PORT)

demo: .venv/ready
	@$(BIN)/alembic upgrade head
	@$(BIN)/python -m demo
	@echo "Proofsheet is at http://$(HOST):$(PORT) (Ctrl-C stops it)"
	@exec $(BIN)/gunicorn --config python:app.server --bind $(HOST):$(PORT)

test: .venv/dev-ready
	$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal $(ARGS)

check: .venv/dev-ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/alembic -x check-only check
	$(BIN)/python -m tests.security.dependencies

# Needs npx; to be run after each change of a script or stylesheet.
bundles: .venv/ready
	$(BIN)/python -m bundling

bench: .venv/dev-ready
	$(BIN)/python -m bench

bench-serving: .venv/dev-ready
	$(BIN)/python -m bench.serving $(ARGS)

bench-imaging: .venv/dev-ready
	$(BIN)/python -m bench.imaging

bench-browser: .venv/dev-ready
	$(BIN)/python -m bench.browser --rounds $(or $(ROUNDS),3)

bench-backfill: .venv/dev-ready
	$(BIN)/python -m bench.backfill --images $(or $(IMAGES),2000)

faults: .venv/dev-ready
	$(BIN)/python -m pytest -m slow -n $(TEST_WORKERS) --dist worksteal
	$(BIN)/python -m tests.faults --kills $(or $(KILLS),500)

races: .venv/dev-ready
	$(BIN)/python -m tests.faults.races --races $(or $(RACES),200)

fuzz: .venv/dev-ready
	$(BIN)/python -m tests.security.fuzz --seconds $(or $(SECONDS),120)

mutants: .venv/dev-ready
	$(BIN)/python -m tests.mutants --sample $(or $(SAMPLE),60) $(if $(MODULES),--modules "$(MODULES)") $(if $(SEED),--seed $(SEED))

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Proofsheet needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the packages of Proofsheet (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev-ready: requirements.txt requirements-dev.txt
	@$(MAKE) --no-print-directory .venv/ready
	@echo "Installing the packages of the tests (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
