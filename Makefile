# Everything runs in .venv, installed from the hash locks. Needed on the machine: Python 3.11 or newer, and make
# (Node 20 and PostgreSQL besides, for `integration`; Chromium, for `browser`; all of them for `test-all`). Variables: PYTHON, PORT, ARGS
# (handed on to pytest, and to the replay of `burden`), CDS_TEST_DATA (folder of other people's records; without it tests/real_data is left out).

PYTHON ?= python3
PORT ?= $(or $(CDS_SERVICE_PORT),8000)

VENV := .venv
RUN := $(VENV)/bin/python -m
PIP := $(RUN) pip --disable-pip-version-check --quiet
FHIR_SERVER := tests/integration/fhir_server
PIP_TOOLS := 7.6.2
MUTMUT := 3.8.1
CYCLONEDX_BOM := 7.5.0
PIP_AUDIT := 2.10.1

# What the FHIR server of the integration suite needs from npm, once that server is there.
NODE_MODULES := $(if $(wildcard $(FHIR_SERVER)/package.json),$(FHIR_SERVER)/node_modules/.stamp)

# Two makes at once take turns where the system has flock.
IN_TURN := $(if $(shell command -v flock 2>/dev/null),flock .venv.lock)
PYTEST = $(RUN) pytest $(if $(CDS_TEST_DATA),,--ignore=tests/real_data)

.PHONY: serve test integration browser test-all screenshots coverage lint types bench load burden fuzz requirements fmt lock mutants sbom audit clean
.PHONY: environment

serve: $(VENV)/runtime.stamp bytecode
	$(VENV)/bin/cds-service serve --host $(or $(CDS_SERVICE_HOST),127.0.0.1) --port $(PORT)

test: environment say-what-is-left-out
	@echo "tests/integration and tests/browser are left out: make test-all runs them too."
	$(PYTEST) tests --ignore=tests/integration --ignore=tests/browser $(ARGS)

integration: environment $(NODE_MODULES)
	$(PYTEST) tests/integration $(ARGS)

# Every page in Chromium. Pictures of the pages are kept.
browser: environment say-where-pictures-are
	$(PYTEST) tests/browser $(ARGS)

test-all: environment $(NODE_MODULES) say-what-is-left-out say-where-pictures-are
	$(PYTEST) tests $(ARGS)

# The pictures of the README, anew, in docs/images.
screenshots: environment
	$(RUN) tests.browser.screenshots

# Branches of cards/ that the tests of cards and site files go through; the calls over HTTP would not add any.
coverage: environment
	$(PYTEST) tests/cards tests/cds_service/test_site_terminology.py tests/cds_service/test_site_thresholds.py \
	  --ignore=tests/cards/test_cases_over_http.py --ignore=tests/cards/test_cases_in_other_words.py \
	  -m 'not alone' --cov $(ARGS)

lint: environment
	$(RUN) ruff format --check .
	$(RUN) ruff check .

types: environment
	$(RUN) mypy

bench: environment bytecode
	$(RUN) tests.bench

load: environment bytecode
	$(RUN) tests.load $(ARGS)

burden: environment
	$(RUN) tests.burden $(ARGS)

# Calls that nobody would send, for as long as wanted: `make fuzz ARGS="--seconds 3600 --seed 7"`.
fuzz: environment
	$(RUN) tests.fuzz $(ARGS)

requirements: environment
	$(RUN) tests.requirements --write

# Small changes to the clinical layer that no test notices: `make mutants ARGS="cards.pharmacology.renal.renal_maximum.*"`.
mutants: .venv-mutants/bin/mutmut
	.venv-mutants/bin/python -m tests.mutation $(ARGS)

# What a release is made of (CycloneDX), in build/sbom.json.
sbom: .venv-sbom/bin/cyclonedx-py
	@mkdir -p build
	.venv-sbom/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
	  --short-PURLs --output-file build/sbom.json
	.venv-sbom/bin/python -m tests.supply_chain.sbom build/sbom.json requirements.lock

# Known vulnerabilities of what a release is made of. Needs an advisory service; a package that it skips is a failure.
audit: .venv-audit/bin/pip-audit
	@mkdir -p build
	@rm -f build/audit.json
	-.venv-audit/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock --format json \
	  --output build/audit.json
	.venv-audit/bin/python -m tests.supply_chain.audit build/audit.json requirements.lock

fmt: environment
	$(RUN) ruff format .
	$(RUN) ruff check --fix .

environment: $(VENV)/dev.stamp

clean:
	rm -rf build dist htmlcov .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find cards cds_service tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Compiled once, also where Python is told to leave no bytecode behind: the start is a third shorter.
.PHONY: bytecode
bytecode: $(VENV)/bin/python
	@$(VENV)/bin/python -m compileall -q cards cds_service

.PHONY: say-where-pictures-are
say-where-pictures-are:
	@echo "Pictures of the pages as the browser shows them: build/screenshots/"

.PHONY: say-what-is-left-out
say-what-is-left-out:
	@$(if $(CDS_TEST_DATA),:,echo "tests/real_data is left out: CDS_TEST_DATA names no folder of records.")

# ---- the environment: a stamp is renewed only when a lock or pyproject.toml is newer ----

define install
	@echo "Installing $(1)"
	@$(IN_TURN) $(PIP) install --require-hashes $(addprefix -r ,$(1))
	@$(IN_TURN) $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@
endef

$(VENV)/runtime.stamp: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements.lock requirements-build.lock)

$(VENV)/dev.stamp: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(call install,requirements-dev.lock)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is not Python 3.11 or newer; name one that is: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(IN_TURN) sh -c 'test -x $@ || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }'

$(FHIR_SERVER)/node_modules/.stamp: $(FHIR_SERVER)/package.json $(FHIR_SERVER)/package-lock.json
	cd $(FHIR_SERVER) && npm ci --no-audit --no-fund
	@touch $@

# ---- the locks: `make lock` follows pyproject.toml, `make lock ARGS=--upgrade` takes the newest of everything ----

COMPILE = CUSTOM_COMPILE_COMMAND="make lock" .venv-lock/bin/pip-compile --quiet --generate-hashes --strip-extras \
  --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options $(ARGS)

lock: .venv-lock/bin/pip-compile
	$(COMPILE) --extra dev --all-build-deps --output-file requirements-dev.lock pyproject.toml
	$(COMPILE) --extra postgresql --constraint requirements-dev.lock --output-file requirements.lock pyproject.toml
	$(COMPILE) --constraint requirements-dev.lock --all-build-deps --only-build-deps \
	  --output-file requirements-build.lock pyproject.toml

.venv-mutants/bin/mutmut: requirements-dev.lock
	$(PYTHON) -m venv .venv-mutants
	.venv-mutants/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-dev.lock
	.venv-mutants/bin/python -m pip --disable-pip-version-check --quiet install mutmut==$(MUTMUT)
	.venv-mutants/bin/python -m pip --disable-pip-version-check --quiet install --no-build-isolation --no-deps --editable .

.venv-lock/bin/pip-compile:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install pip-tools==$(PIP_TOOLS)

.venv-sbom/bin/cyclonedx-py:
	$(PYTHON) -m venv .venv-sbom
	.venv-sbom/bin/python -m pip --disable-pip-version-check --quiet install cyclonedx-bom==$(CYCLONEDX_BOM)

.venv-audit/bin/pip-audit:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit==$(PIP_AUDIT)
