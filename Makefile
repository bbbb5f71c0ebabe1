SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.PHONY: help demo install test pythons soak coverage mutants bench compare check schema package release clean

VENV := .venv
READY := $(VENV)/.ready
SHELLFOUNDRY := .environments/shellfoundry/bin/shellfoundry

# The supported Python versions, newest first; pyproject.toml lists them.
VERSIONS := $(shell sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' \
	pyproject.toml | sort -t . -k 2nr)

# The first of python3 and the supported versions that can run the emulator.
PYTHON ?= $(shell for python in python3 $(VERSIONS:%=python%); do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' \
	2>/dev/null && echo $$python && break; done)

# The version on CloudShell's execution servers.
PYTHON39 ?= $(shell for python in python3.9 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.9.*/bin/python; do \
	$$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python && break; done)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## create and remove a mirror on the emulator; REQUEST=file to send, PCAP=file to write
	@$(VENV)/bin/python -m demo $(if $(REQUEST),--request "$(REQUEST)") $(if $(PCAP),--pcap "$(PCAP)")

install: $(READY) $(SHELLFOUNDRY) ## pack the shell, install it on the emulator by shellfoundry, run it
	@$(VENV)/bin/python -m demo.install $(SHELLFOUNDRY) $(PYTHON39)

test: $(READY) ## run all tests; ARGS="-k name" goes to pytest
	@$(VENV)/bin/python -m pytest --numprocesses auto --dist loadfile $(ARGS)

pythons: $(READY) ## run the tests with the driver on every supported Python
	@$(VENV)/bin/python -m nox

soak: $(READY) ## run a thousand random sequences of commands and faults
	@SOAK=1000 $(VENV)/bin/python -m pytest tests/scenario/test_random_commands.py

coverage: $(READY) ## measure the branch coverage of src, driver processes included
	@$(VENV)/bin/python -m pip install --disable-pip-version-check -qq --editable '.[dev,coverage]'
	@rm -rf build/coverage
	@$(VENV)/bin/coverage run -m pytest --numprocesses auto --dist loadfile \
		$(or $(ARGS),tests/unit tests/scenario tests/packaging)
	@$(VENV)/bin/coverage combine -q
	@$(VENV)/bin/coverage report
	@echo "branch coverage of src: $$($(VENV)/bin/coverage report --format=total) %"

mutants: $(READY) ## try whether tests fail if a line of src is changed; ARGS="--minutes 60"
	@$(VENV)/bin/python -m pip install --disable-pip-version-check -qq --editable '.[dev,mutants]'
	@nice $(VENV)/bin/python -m reliability.mutants $(ARGS)

bench: $(READY) ## measure this shell, version 1.0.0 and cloudshell-cp-aws; ARGS="--rounds 3"
	@$(VENV)/bin/python -m pip install --disable-pip-version-check -qq --editable '.[dev,bench]'
	@$(VENV)/bin/python -m benchmarks $(ARGS)

compare: $(READY) ## compare the effects of this shell and cloudshell-cp-aws
	@$(VENV)/bin/python -m benchmarks.differences

check: $(READY) ## check lint rules, formatting, types and imports between modules
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

schema: $(READY) ## regenerate docs/request.schema.json
	@$(VENV)/bin/python -m traffic_mirroring.request.schema > docs/request.schema.json

package: $(READY) $(SHELLFOUNDRY) ## build and check the shell package in dist/
	@$(VENV)/bin/python -m tools.package $(SHELLFOUNDRY)

release: $(READY) ## check the versions, run all checks and tests, build the package
	@$(VENV)/bin/python -m tools.release
	@$(MAKE) check
	@$(MAKE) test
	@$(MAKE) pythons
	@$(MAKE) soak
	@$(MAKE) install
	@$(MAKE) package
	@$(VENV)/bin/python -m tools.release built

clean: ## delete the virtual environments, build output and caches
	@rm -rf $(VENV) .environments .nox .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(SHELLFOUNDRY): | $(READY) # in its own environment, because it needs an older click than moto
	@echo "Setting up shellfoundry, once:"
	@$(VENV)/bin/python -m venv $(@D)/..
	@$(@D)/python -m pip install --disable-pip-version-check -qq shellfoundry==1.2.29

$(READY): pyproject.toml src/requirements.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.10 or newer with the venv module was not found."; \
		echo "On Debian and Ubuntu: apt install python3 python3-venv"; \
		echo "Or choose one: make PYTHON=/path/to/python3.12 ..."; exit 1; fi
	@echo "Setting up $(VENV) with $$($(PYTHON) --version), once; this takes about a minute:"
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/python -m pip install --disable-pip-version-check --editable '.[dev]' \
		| awk '/^Collecting/ { sub(/[<>=!~;([].*/, "", $$2); printf "%s ", $$2; fflush() } END { print "" }'
	@touch $@
