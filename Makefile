# Two commands on a bare machine with Python 3.11 and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin

.PHONY: demo test matrix lint bench clean

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN)/python -m pip install --quiet --no-compile --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: $(VENV)/.installed  ## The whole flow against a make-believe company on this machine.
	@$(RUN)/controlmon demo; code=$$?; test $$code -ne 2

test: $(VENV)/.installed lint  ## Lint, types, floors, tests.
	$(RUN)/python -m pytest -n 3 --dist loadgroup

matrix: $(VENV)/.installed  ## Every operation of every provider under every fault; `test` takes a denial of each, and one more of every third.
	$(RUN)/python -m pytest -n 2 --whole-matrix tests/collect

lint: $(VENV)/.installed
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

bench: $(VENV)/.installed  ## What the performance claims rest on.
	$(RUN)/python benchmarks/run.py
	$(RUN)/python benchmarks/ledger.py

clean:
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info
