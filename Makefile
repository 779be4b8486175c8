# Works on a bare Debian machine with Python 3.11, make and root; elsewhere it says what is missing.
PYTHON ?= python3
# Test processes side by side; 0 runs all tests in one.
PYTEST_WORKERS ?= 2
# More arguments for pytest, such as `PYTEST_ARGS="-k reconcile -x"`.
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
LOCK := requirements-dev.lock
PIP := python -m pip --disable-pip-version-check
PYTEST = $(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup $(PYTEST_ARGS)

MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
.PHONY: help install test test-fast lint format types layers demo serve simulate chaos bench clean lock \
	system-for-tests system-for-serve

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with the project and its tools in it

demo: install ## move a real directory tree through the real HTTP API, and show what else the service does
	@$(BIN)/dms-scheduler demo

serve: install system-for-serve ## start a local Redis and the service, and show how to give it a first task
	@$(BIN)/dms-scheduler serve --with-local-redis

test: install system-for-tests lint types layers ## everything that must hold: lint, types, layers, all tests
	@$(PYTEST)

# They wait more than they compute.
test-fast: PYTEST_WORKERS = 3
test-fast: install ## the tests without the slow ones, with fewer examples of each property
	@HYPOTHESIS_PROFILE=fast $(PYTEST) -m "not slow"

lint: install ## check style
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check . || { echo "Some files are not formatted: run 'make format'."; exit 1; }

format: install ## format all code and mend what can be mended
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

types: install ## check types
	@$(BIN)/mypy

layers: install ## check that no layer imports what it must not
	@PYTHONPATH=src $(BIN)/lint-imports --no-logo

# How many seeds, and more arguments, such as `SIMULATE_ARGS=--mutations`.
SEEDS ?= 1000
simulate: install ## try many orders of steps, faults and crashes in virtual time
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) $(SIMULATE_ARGS)

chaos: install system-for-tests ## kill, freeze and cut off real processes under load, five seeds of at most 5 minutes each
	@$(BIN)/python -m tests.chaos $(CHAOS_ARGS)

bench: install system-for-serve ## measure, and print the command that repeats each number
	@$(BIN)/python -m benchmarks

clean: ## remove what the other targets made
	@rm -rf $(VENV) $(VENV)-peers build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis
	@find . -name .git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

lock: ## pin the newest allowed versions of everything that `make install` installs
	@$(check_python)
	@$(ensure_venv_module)
	@set -e; fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(PYTHON) -m venv "$$fresh/venv"; \
	"$$fresh/venv/bin/"$(PIP) install -qq '.[dev]'; \
	{ echo '# Made by `make lock`: the versions that `make install` and CI use. Not edited by hand.'; \
	  "$$fresh/venv/bin/"$(PIP) freeze --exclude dms-scheduler; } >"$$fresh/lock"; \
	cp "$$fresh/lock" $(LOCK)

$(STAMP): pyproject.toml $(LOCK)
	@$(check_python)
	@$(BIN)/$(PIP) --version >/dev/null 2>&1 || { $(ensure_venv_module) && $(PYTHON) -m venv --clear $(VENV); }
	@echo "Installing the project and its tools into $(VENV) (a minute or two)."
	@$(BIN)/$(PIP) install -qq --constraint $(LOCK) --editable '.[dev]'
	@touch $@

FOR_TESTS := redis-server rsync chromium chromedriver=chromium-driver
# Tests that need a missing program are skipped with a reason; in CI that would hide a failure.
system-for-tests:
	@$(call apt_install_missing,$(FOR_TESTS))
	@$(call report_missing,$(FOR_TESTS)); [ -z "$$missing" ] || [ -z "$$CI" ]

system-for-serve:
	@$(call apt_install_missing,redis-server)
	@$(call report_missing,redis-server); [ -z "$$missing" ]

# --- shell fragments ---

check_python = $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Python 3.11 or newer is needed: name it, as in 'make install PYTHON=python3.11'."; exit 1; }

# Debian keeps a part of the venv module in a package of its own.
ensure_venv_module = { $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	echo "Installing python3-venv."; $(call apt_install,python3-venv); }; }

can_apt = { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; }

# Quiet when it works; all that apt-get said when it doesn't.
apt_install = { $(can_apt) || { echo "Please install first: $(1)"; exit 1; }; \
	said=$$(apt-get -q update 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get -qy \
	--no-install-recommends install $(1) 2>&1) || { echo "$$said"; exit 1; }; }

# The programs are named as their packages are, or have the package behind a `=`.
find_missing = missing=; for program in $(1); do \
	command -v "$${program%=*}" >/dev/null || missing="$$missing $${program\#*=}"; done

apt_install_missing = $(call find_missing,$(1)); if [ -n "$$missing" ] && $(can_apt); then \
	echo "Installing:$$missing"; $(call apt_install,$$missing); fi

report_missing = $(call find_missing,$(1)); \
	[ -z "$$missing" ] || echo "MISSING:$$missing. Install with: sudo apt-get install$$missing"
