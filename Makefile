# make demo: install into .venv and watch a message start a tool.  make test: the whole suite.
# make bench: measure against other message servers; doc/bench/README.md has the words for BENCH.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests

.PHONY: demo install test test-pure-python test-compiled pure bench lint catalogues clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed-test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

$(VENV)/.installed-bench: $(VENV)/.installed-test
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	touch $@

demo: $(VENV)/.installed
	PATH="$(CURDIR)/$(BIN):$$PATH" sh contrib/demo/run

test: test-pure-python test-compiled

test-pure-python: $(VENV)/.installed-test
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest $(TESTS)

# The same source, its hot modules compiled; what runs in this process and what it starts use them.
COMPILED := build/compiled
COMPILED_TESTS ?= tests/pure tests/process/server tests/process/push tests/process/client tests/process/aio
test-compiled: $(COMPILED)/.done
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH="$(CURDIR)/$(COMPILED)" TT_COMPILED=1 \
		$(BIN)/python -m pytest $(COMPILED_TESTS)

$(COMPILED)/.done: $(VENV)/.installed-test $(shell find src setup.py build_backend.py -name '*.py')
	rm -rf $(COMPILED) build/lib.* build/bdist.*
	TT_COMPILE=yes $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --target $(COMPILED) .
	touch $@

pure: $(VENV)/.installed-test
	$(BIN)/python -m pytest tests/pure

bench: $(VENV)/.installed-bench $(COMPILED)/.done
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/conformance
	PATH="$(CURDIR)/$(BIN):$$PATH" PYTHONPATH="$(CURDIR)/$(COMPILED)" $(BIN)/python -m tests.bench $(BENCH)

lint: $(VENV)/.installed-test
	$(BIN)/ruff check src tests
	$(BIN)/ruff format --check src tests
	$(BIN)/mypy

catalogues: $(VENV)/.installed-test
	$(BIN)/python po/catalogues.py

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
