# make run, make test, make lint, make bench: each sets up what it needs by itself.
VENV ?= .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.installed
LEVERING := $(VENV)/.levering
ATHERIS := $(VENV)/.atheris

.PHONY: run test test-both properties faults lint bench cases pages docs screens api api-fuzz fuzz schema lock sbom audit clean

run: $(STAMP)
	$(VENV)/bin/gateway demo

# A file stays with one process: what its tests share is made once.
test: $(STAMP)
	$(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder

# The same, all of them on both databases.
test-both: $(STAMP)
	BOTH=1 $(PYTHON) -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(STAMP)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# The laws that hold for any message, on so many times as many examples as in a test run, and new ones.
TIMES ?= 50
properties: $(STAMP)
	PROPERTIES=$(TIMES) $(PYTHON) -m pytest tests/properties

# What is promised holds whatever falls over: so many times as often as in a test run.
faults: FAULTS ?= 10
faults: $(STAMP)
	FAULTS=$(FAULTS) $(PYTHON) -m pytest tests/faults -s

bench: $(STAMP)
	$(PYTHON) -m tests.benchmarks $(BENCH)

# The numbers of cases per rule, message and law that `gateway rules` shows, after cases were added.
cases: $(STAMP)
	$(PYTHON) -m tests.rules.gevallen

# The page of each funding model after its agreement changed, that of the rules after a case, that
# of the translation after a message or its mappings changed, and that of the figures after those did.
pages: $(STAMP)
	$(PYTHON) -m tests.unit.paginas
	$(PYTHON) -m tests.unit.regels_pagina
	$(PYTHON) -m tests.unit.vertaling_pagina
	$(PYTHON) -m tests.benchmarks.bladzijde

# The documentation as pages in site/, for who reads it in a browser.
docs: $(STAMP)
	NO_MKDOCS_2_WARNING=1 $(PYTHON) -m mkdocs build --strict

# A picture of every page at two widths in docs/schermen, after one of them changed; SCREENS names a few.
screens: $(STAMP)
	$(PYTHON) -m tests.browser.schermen $(SCREENS)

# The description of the API in docs, after one of its calls changed.
api: $(STAMP)
	$(PYTHON) -m tests.api.beschrijving

# Many more requests than in a test run against the API, allowed and not: none may give a 5xx.
api-fuzz: FUZZ ?= 100
api-fuzz: $(STAMP)
	FUZZ=$(FUZZ) $(PYTHON) -m pytest tests/api/test_fuzz.py

# Looks for bytes that the readers cannot stand, so many seconds each; what is found stays in tests/corpus.
fuzz: DUUR ?= 60
fuzz: $(ATHERIS)
	for doel in bericht envelop opdracht pakket; do $(PYTHON) -m tests.fuzz $$doel --seconds $(DUUR) || exit 1; done

# The JSON Schema of the canonical records, after one of them changed.
schema: $(STAMP)
	$(PYTHON) -m tests.unit.canoniek_schema

# The packages that an installation gets, and those that build ours, each with its hashes, after one
# in pyproject.toml changed.
lock: $(LEVERING)
	$(PYTHON) -m piptools compile --quiet --upgrade --generate-hashes --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml
	$(PYTHON) -m piptools compile --quiet --upgrade --only-build-deps --build-deps-for wheel --generate-hashes \
		--strip-extras --no-header --no-annotate --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
		--output-file bouw.lock pyproject.toml

# What a release is made of (CycloneDX), in dist/.
sbom: $(LEVERING)
	mkdir -p dist
	$(PYTHON) -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml --output-reproducible \
		--output-file dist/sbom.json

# Which of those packages have a weak spot that is known; asks the outside world.
audit: $(LEVERING)
	$(PYTHON) -m pip_audit --strict --disable-pip --require-hashes --requirement requirements.lock --requirement bouw.lock

clean:
	rm -rf $(VENV) site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(STAMP): pyproject.toml
	test -x $(PYTHON) || python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[test,dev,docs]'
	touch $(STAMP)

$(LEVERING): $(STAMP)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[levering]'
	touch $(LEVERING)

$(ATHERIS): $(STAMP)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	touch $(ATHERIS)
