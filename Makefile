# Two commands do everything: `make rehearse` and `make test`. Both set themselves up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help rehearse drill drill-bad drills test quick lint types bench validate handbook power mutants lock wheel clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/it"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' || \
		{ echo "Python's venv module is incomplete; on Debian: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

rehearse: $(READY)  ## install, and run a first rehearsal
	$(BIN)/bluegreen rehearse

drill: $(READY)  ## a good release on the loopback stage, under two minutes
	$(BIN)/bluegreen drill stage/drills/shop.rollout.yaml --pace 6

drill-bad: $(READY)  ## a bad one, which is rolled back
	$(BIN)/bluegreen drill stage/drills/shop.rollout.yaml --scenario stage/drills/bad-release.scenario.yaml --pace 6

drills: $(READY)  ## tests of whole drills, which want the machine for themselves: some ten minutes
	$(BIN)/pytest -m drill

test: lint types  ## install, lint, check types, run every test
	$(BIN)/pytest -n 4 --dist worksteal -m "not drill and not alone"
	$(BIN)/pytest -m "alone and not drill"

quick: $(READY)  ## the tests that take seconds
	$(BIN)/pytest -n 2 -m "not slow"

lint: $(READY)  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy, strict
	$(BIN)/mypy

bench: $(READY)  ## print the figures, and write them to reports/bench.json
	$(BIN)/python -m benchmarks

handbook: $(READY)  ## write docs/behaviour.md from the engine and the catalogue
	$(BIN)/python -m handbook

validate: $(READY)  ## compare the world's models with their references, and write docs/validation.md
	$(BIN)/python -m validation

power: $(READY)  ## look for every planted bug, and write docs/power.md; JOBS=2 for two cores
	$(BIN)/python -m power --jobs $(or $(JOBS),1)

mutants: $(READY)  ## mutation testing of what decides, on a sample; SAMPLE=200
	$(BIN)/python -m power.mutants --sample $(or $(SAMPLE),200) --jobs $(or $(JOBS),1)

lock: $(READY)  ## pin every dependency anew, with hashes
	$(BIN)/uv pip compile --quiet pyproject.toml --all-extras --group dev --generate-hashes --universal \
		--python-version 3.11 --no-header --no-emit-index-url --no-annotate -o requirements.lock

wheel: $(READY)  ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

clean:  ## remove what was installed and built
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache
