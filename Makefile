SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.PHONY: help demo install test pythons soak bench compare check schema package clean

VENV := .venv
READY := $(VENV)/.ready
SHELLFOUNDRY := .environments/shellfoundry/bin/shellfoundry
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' \
	2>/dev/null && echo $$python && break; done)

PYTHON39 ?= $(shell for python in python3.9 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.9.*/bin/python; do \
	$$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python && break; done)

help: ## say what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## create and remove a mirror on the emulator; REQUEST=file sends your own
	@$(VENV)/bin/python -m emulator.demo $(if $(REQUEST),--request "$(REQUEST)")

install: $(READY) $(SHELLFOUNDRY) ## pack the shell, install it on the emulator by shellfoundry, run it
	@$(VENV)/bin/python -m emulator.install_demo $(SHELLFOUNDRY) $(PYTHON39)

test: $(READY) ## run all tests; ARGS="-k name" passes arguments to pytest
	@$(VENV)/bin/python -m pytest --numprocesses 4 --dist loadfile $(ARGS)

pythons: $(READY) ## run unit tests and scenarios with the driver on Python 3.9 to 3.13
	@$(VENV)/bin/python -m nox

soak: $(READY) ## try a thousand random sequences of commands and faults
	@SOAK=1000 $(VENV)/bin/python -m pytest tests/scenario/test_properties.py

bench: $(READY) ## measure the shell beside cloudshell-cp-aws; ARGS="--rounds 3"
	@$(VENV)/bin/python -m pip install --disable-pip-version-check -qq --editable '.[dev,bench]'
	@$(VENV)/bin/python -m benchmarks $(ARGS)

compare: $(READY) ## show what this shell and cloudshell-cp-aws leave after the same commands
	@$(VENV)/bin/python -m benchmarks.differences

check: $(READY) ## lint, formatting, types, and which module may import which
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

schema: $(READY) ## write docs/request.schema.json anew from the models
	@$(VENV)/bin/python -m traffic_mirroring.request.schema > docs/request.schema.json

package: $(READY) $(SHELLFOUNDRY) ## build the shell's package in dist/, and check it
	@$(VENV)/bin/python -m tools.package $(SHELLFOUNDRY)

clean: ## delete the virtual environments and all caches
	@rm -rf $(VENV) .environments .nox .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(SHELLFOUNDRY): | $(READY) # in an environment of its own, because it needs a click that moto can't use
	@echo "Setting up shellfoundry, once:"
	@$(VENV)/bin/python -m venv $(@D)/..
	@$(@D)/python -m pip install --disable-pip-version-check -qq shellfoundry==1.2.29

$(READY): pyproject.toml src/requirements.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.10 or newer with its venv module was found."; \
		echo "On Debian and Ubuntu: apt install python3 python3-venv"; \
		echo "Or name one: make PYTHON=/path/to/python3.12 ..."; exit 1; fi
	@echo "Setting up $(VENV) with $$($(PYTHON) --version), once; this takes about a minute:"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --editable '.[dev]' \
		| awk '/^Collecting/ { sub(/[<>=!~;([].*/, "", $$2); printf "%s ", $$2; fflush() } END { print "" }'
	@touch $@
