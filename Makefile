SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -ec
.DEFAULT_GOAL := help
.PHONY: help demo lab install test pythons conformance load soak kills fuzz coverage mutants bench compare \
	check lint formatting types imports dependencies audit licences schema package release constraints clean
.NOTPARALLEL: # the set-ups share an environment

# Without byte code, each of the many processes would compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
# .venv can run the emulator; DEV_READY: the tests and checks, too.
READY := $(VENV)/.ready
DEV_READY := $(VENV)/.ready-dev
SHELLFOUNDRY := .environments/shellfoundry/bin/shellfoundry
PIP_AUDIT := .environments/pip-audit/bin/pip-audit

# pytest's options for all tests; a worker gets whole files, in the order of pyproject.toml.
IN_PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder

# The supported Python versions, newest first; pyproject.toml lists them.
VERSIONS := $(shell sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' \
	pyproject.toml | sort -t . -k 2nr)

# The first of python3 and the supported versions that can run the emulator.
PYTHON ?= $(shell for python in python3 $(VERSIONS:%=python%) python3.14; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' \
	2>/dev/null && echo $$python && break; done)

# The version on CloudShell's execution servers.
PYTHON39 ?= $(shell for python in python3.9 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.9.*/bin/python; do \
	$$python -c 'import ensurepip, venv' 2>/dev/null && echo $$python && break; done)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## create and remove a mirror on the emulator; REQUEST=file to send, PCAP=file to write
	@$(VENV)/bin/python -m demo $(if $(REQUEST),--request "$(REQUEST)") $(if $(PCAP),--pcap "$(PCAP)")

lab: $(READY) ## keep the emulator running, for scripts and the AWS command line
	@$(VENV)/bin/python -m demo.lab

install: $(READY) $(SHELLFOUNDRY) ## pack the shell, install it on the emulator by shellfoundry, run it
	@$(VENV)/bin/python -m demo.install $(SHELLFOUNDRY) $(PYTHON39)

test: $(DEV_READY) ## run all tests; ARGS="-k name" goes to pytest
	@$(VENV)/bin/python -m pytest $(IN_PARALLEL) $(ARGS)

pythons: $(DEV_READY) ## run the tests with the driver on every supported Python
	@$(VENV)/bin/python -m nox

conformance: $(READY) ## compare the emulator with AWS's documentation; REAL=1 SOURCE=eni-1 TARGET=eni-2: with AWS
	@$(VENV)/bin/python -m conformance $(if $(ONLY),--only "$(ONLY)") \
		$(if $(REAL),--real --source "$(SOURCE)" --target "$(TARGET)") \
		$(if $(BALANCER),--balancer "$(BALANCER)") $(if $(ENDPOINT),--endpoint "$(ENDPOINT)") $(if $(YES),--yes)

load: $(DEV_READY) ## run 20 sandboxes at once and 2000 in a row; ARGS="--actions 25"
	@$(VENV)/bin/python -m reliability.load $(ARGS)

soak: $(DEV_READY) ## run random commands and faults in two processes; ARGS="--minutes 10"
	@$(VENV)/bin/python -m reliability.soak $(ARGS)

kills: $(DEV_READY) ## kill the driver at every call and at random; ARGS="--random 140"
	@$(VENV)/bin/python -m reliability.kills $(ARGS)

fuzz: $(DEV_READY) ## give random requests to the parsers for three minutes; ARGS="--minutes 60"
	@$(VENV)/bin/python -c 'import atheris' 2>/dev/null || $(INSTALL) --editable '.[dev,fuzz]' \
		|| echo "atheris can't be installed here."
	@$(VENV)/bin/python -m reliability.fuzz $(ARGS)

coverage: $(DEV_READY) ## measure the branch coverage of src, driver processes included
	@$(VENV)/bin/python -c 'import coverage' 2>/dev/null || $(INSTALL) --editable '.[dev,coverage]'
	@rm -rf build/coverage
	@# Coverage itself keeps objects, which that test counts.
	@$(VENV)/bin/coverage run -m pytest $(IN_PARALLEL) \
		--deselect tests/scenario/test_long_running_process.py::test_a_process_holds_no_more_after_many_sandboxes \
		$(or $(ARGS),tests/unit tests/scenario tests/packaging)
	@$(VENV)/bin/coverage combine -q
	@$(VENV)/bin/coverage report
	@echo "branch coverage of src: $$($(VENV)/bin/coverage report --format=total) %"

mutants: $(DEV_READY) ## try whether tests fail if a line of src is changed; ARGS="--minutes 60"
	@$(VENV)/bin/python -c 'import mutmut' 2>/dev/null || $(INSTALL) --editable '.[dev,mutants]'
	@nice $(VENV)/bin/python -m reliability.mutants $(ARGS)

bench: $(DEV_READY) ## measure this shell, version 1.0.0 and cloudshell-cp-aws; ARGS="--rounds 3"
	@$(VENV)/bin/python -c 'import pygal' 2>/dev/null || $(INSTALL) --editable '.[dev,bench]'
	@$(VENV)/bin/python -m benchmarks $(ARGS)

compare: $(DEV_READY) ## compare the effects of this shell and cloudshell-cp-aws
	@$(VENV)/bin/python -m benchmarks.differences

check: lint formatting types imports dependencies ## check lint rules, formatting, types, imports and dependencies

# Pre-commit's hooks are these, too.
lint: $(DEV_READY)
	@$(VENV)/bin/ruff check

formatting: $(DEV_READY)
	@$(VENV)/bin/ruff format --check

types: $(DEV_READY)
	@$(VENV)/bin/mypy

imports: $(DEV_READY)
	@$(VENV)/bin/lint-imports

dependencies: $(DEV_READY)
	@$(VENV)/bin/deptry src --optional-dependencies-dev-groups bench,coverage,demo,dev,fuzz,mutants
	@$(VENV)/bin/deptry .

audit: $(DEV_READY) $(PIP_AUDIT) ## look up known vulnerabilities of the driver's packages
	@$(VENV)/bin/python -m tools.audit $(PIP_AUDIT)

licences: $(DEV_READY) ## regenerate docs/dependencies.md
	@$(INSTALL) --editable '.[dev,bench,coverage,fuzz,mutants]'
	@$(VENV)/bin/python -m tools.dependencies > docs/dependencies.md

schema: $(READY) ## regenerate docs/request.schema.json
	@$(VENV)/bin/python -m traffic_mirroring.request.schema > docs/request.schema.json

package: $(READY) $(SHELLFOUNDRY) ## build and check the shell package in dist/
	@$(VENV)/bin/python -m tools.package $(SHELLFOUNDRY)

release: $(READY) ## check the versions, run all checks and tests, build the package
	@$(VENV)/bin/python -m tools.release
	@$(MAKE) check
	@$(MAKE) test
	@$(MAKE) pythons
	@$(MAKE) conformance
	@$(MAKE) load
	@$(MAKE) soak
	@$(MAKE) kills
	@$(MAKE) fuzz
	@$(MAKE) install
	@$(MAKE) package
	@$(VENV)/bin/python -m tools.release built

constraints: $(READY) ## renew constraints.txt, the versions in .venv; needs Python 3.10
	@$(VENV)/bin/python -m tools.constraints

clean: ## delete the virtual environments, build output and caches
	@rm -rf $(VENV) .environments .nox .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build dist
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(SHELLFOUNDRY): | $(READY) # in its own environment, because it needs an older click than moto
	@echo "Setting up shellfoundry, once:"
	@$(VENV)/bin/python -m venv $(@D)/..
	@$(@D)/python -m tools.install shellfoundry==1.2.29

$(PIP_AUDIT): | $(READY)
	@$(VENV)/bin/python -m venv $(@D)/..
	@$(@D)/python -m tools.install 'pip-audit>=2,<3'

INSTALL = $(VENV)/bin/python -m tools.install --constraint constraints.txt

# $(call set-up,EXTRA,TIME)
define set-up
	@python="$(PYTHON)"; \
	if $(VENV)/bin/python -m pip --version >/dev/null 2>&1; then \
		echo "Adding packages to $(VENV), once; this takes about $(2):"; \
	elif [ -n "$$python" ]; then \
		echo "Setting up $(VENV) with $$($$python --version), once; this takes about $(2):"; \
		$$python -m venv --clear $(VENV); \
	else \
		echo "Python 3.10 or newer with the venv module was not found."; \
		echo "On Debian and Ubuntu: apt install python3 python3-venv"; \
		echo "Or choose one: make PYTHON=/path/to/python3.12 ..."; exit 1; \
	fi
	@$(INSTALL) --editable '.[$(1)]'
endef

$(READY): pyproject.toml src/requirements.txt constraints.txt
	$(call set-up,demo,half a minute)
	@touch $@

$(DEV_READY): pyproject.toml src/requirements.txt constraints.txt
	$(call set-up,dev,half a minute)
	@touch $(READY) $@
