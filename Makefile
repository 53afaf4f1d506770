# The one list of commands. `make demo` and `make test` each do their own set-up; they need Python 3.11+ and make.

PYTHON ?= python3
UV := .tools/bin/uv
RUN := $(UV) run --no-sync
UV_VERSION := 0.13
export UV_PYTHON_DOWNLOADS := never
export UV_PROJECT_ENVIRONMENT := .venv
export PYTHONPATH :=
# Where this is set every process compiles all that it imports; the tests start hundreds.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo serve test lint format types imports unit bench screenshot schematic clean

help:  ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.runtime .venv/.kernels  ## Compute the illustrative Phú Thọ and serve its map
	$(RUN) geocover demo --dir demo --serve

serve: .venv/.runtime  ## Serve the map of an earlier demo
	$(RUN) geocover serve --dir demo --open

test: lint types imports unit  ## Check style, types and layers, and run all tests
	@echo "All checks passed. Next: make demo, then open http://127.0.0.1:8000/maps/coverage"

lint: .venv/.ready  ## Check style and format
	$(RUN) ruff check .
	$(RUN) ruff format --check .

format: .venv/.ready  ## Put the code in its format
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

types: .venv/.ready  ## Check types
	$(RUN) mypy

imports: .venv/.ready  ## Check that layers import only what stands below them
	$(RUN) lint-imports

unit: .venv/.ready .venv/.kernels .venv-clients/.ready  ## Run the tests
	$(RUN) pytest -n auto --dist loadfile --no-loadscope-reorder

bench: .venv/.ready .venv/.kernels  ## Measure speed and memory against peers and bounds
	$(RUN) python -m benchmarks

.PHONY: bench-peers
bench-peers: .venv/.ready .venv/.kernels .venv-peers/.ready  ## Measure paths beside other programs, installed for it
	$(RUN) python -m benchmarks --only paths,peers

# Peers pull in much that geocover does not need: they get an environment of their own. SPLAT! comes from apt.
.venv-peers/.ready: $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-peers
	$(UV) pip install --quiet --python .venv-peers/bin/python pycraf==2.1.0 itmlogic==1.2
	@touch $@

.PHONY: bench-api
bench-api: .venv/.ready .venv/.kernels .venv-peers-api/.ready demo/snapshots  ## Measure the service beside tipg, pygeoapi and titiler
	$(RUN) python -m benchmarks.service

demo/snapshots:
	$(RUN) geocover demo --dir demo

# PostgreSQL with PostGIS comes from apt (postgresql, postgresql-postgis).
.venv-peers-api/.ready: $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-peers-api
	$(UV) pip install --quiet --python .venv-peers-api/bin/python tipg==1.6.1 pygeoapi==0.21.0 \
		titiler.core==2.4.0 'uvicorn[standard]==0.54.0' geoalchemy2==0.20.0 psycopg2-binary==2.9.13
	@touch $@

# Clients of the API that want other versions of what geocover needs: they get an environment of their own.
.venv-clients/.ready: $(UV)
	$(UV) venv --quiet --clear --python $(PYTHON) .venv-clients
	$(UV) pip install --quiet --python .venv-clients/bin/python ogctests==0.1.15
	@touch $@

.PHONY: audit
audit: $(UV)  ## Ask for known vulnerabilities of all locked dependencies
	.ci/audit

screenshot: .venv/.ready  ## Make the README's screenshot from the demo (needs Chromium)
	$(RUN) python docs/screenshot.py

.PHONY: screenshots
screenshots: .venv/.ready  ## Make the pictures of the user guide from the demo (needs Chromium)
	$(RUN) python docs/screenshots.py

schematic: .venv/.ready  ## Build the shipped schematic boundaries and the table of old communes again
	$(RUN) geocover boundaries schematic --province 25 --out data/boundaries/phu-tho-schematic.geojson
	$(RUN) geocover boundaries old-units --province 25 --out data/communes/phu-tho-old-to-new.csv \
		--merged-out data/communes/phu-tho-merged-before-2025.csv

clean:  ## Remove what was built (not your data)
	rm -rf .venv .venv-audit .venv-clients .venv-peers .venv-peers-api .tools demo .pytest_cache .mypy_cache .ruff_cache .hypothesis

# uv goes into a folder of this checkout: no venv module, no sudo and no global install is needed.
$(UV):
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --upgrade --target .tools 'uv~=$(UV_VERSION)'

# What the demo needs, without the tools of development (kept where they are already there).
.venv/.runtime: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --inexact --no-default-groups --all-extras --python $(PYTHON)
	@touch $@

.venv/.ready: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --frozen --all-extras --python $(PYTHON)
	@touch .venv/.runtime $@

# numba keys a compiled kernel by its own file and misses a change in a kernel that it calls: drop them all then.
.venv/.kernels: $(wildcard geocover/kernels/*.py) | .venv/.runtime
	rm -f geocover/kernels/__pycache__/*.nbi geocover/kernels/__pycache__/*.nbc
	@touch $@
