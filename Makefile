# make serve   the environment, the package and the chat example, on http://127.0.0.1:8000
# make test    the environment, what the tests need from the system, all tests
# make check   ruff, mypy, and the tests of the architecture and the documents
# make fuzz    the fuzz harnesses, SECONDS each        make bench   the comparison with other servers
#
# BUILD=auto|compiled|pure chooses whether the engines are compiled, PYTHON the interpreter, VENV the environment's folder.

BUILD ?= auto
VENV ?= .venv
SECONDS ?= 60
PYTHON ?= $(shell for candidate in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$candidate && break; done)

BIN := $(VENV)/bin
SOURCES := $(shell find src -name '*.py' -o -name '*.pxd' -o -name '*.lua') setup.py pyproject.toml
FUZZERS := $(basename $(notdir $(wildcard tests/fuzz/fuzz_*.py)))

.PHONY: serve test check fuzz build clean
.DELETE_ON_ERROR:

serve: $(VENV)/installed
	$(BIN)/penstock run examples/chat/app.py:app $(ARGS)

test: $(VENV)/installed $(VENV)/tests-installed
	@sh tests/system-packages.sh
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/installed $(VENV)/tests-installed $(VENV)/checks-installed
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/architecture $(ARGS)

fuzz: $(VENV)/installed $(VENV)/tests-installed
	@set -e; for harness in $(FUZZERS); do $(BIN)/python -m tests.fuzz.$$harness --seconds $(SECONDS); done

build: $(VENV)/installed

$(VENV)/python-ready:
	@test -n "$(PYTHON)" || { echo "Penstock needs Python 3.11 or newer; none was found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --group build
	@touch $@

# The package is installed, not linked: what runs is what a user gets, and no compiled module ever lies in src.
$(VENV)/installed: $(VENV)/python-ready $(SOURCES)
	@rm -rf build/lib* build/bdist*
	PENSTOCK_BUILD=$(BUILD) $(BIN)/python -m pip install --quiet --no-build-isolation .
	@touch $@

$(VENV)/tests-installed: $(VENV)/python-ready pyproject.toml
	$(BIN)/python -m pip install --quiet --group test
	@touch $@

$(VENV)/checks-installed: $(VENV)/python-ready pyproject.toml
	$(BIN)/python -m pip install --quiet --group check
	@touch $@

clean:
	rm -rf build dist .venv* .bench-venv src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

-include bench/bench.mk
