# Everything sets itself up: the virtual environment is made on the first use and when a lock changes.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: demo demo-aws test test-cluster cluster-tools lint bench check screenshots lock clean

demo: $(VENV)/.runtime
	@$(RUN) app.py demo

# With AWS in it, played by moto: three more scenarios.
demo-aws: $(VENV)/.dev
	@TOCSIN_DEMO_AWS=1 $(RUN) app.py demo

test: $(VENV)/.dev
	$(RUN) -m pytest -n 3 --dist loadgroup --no-loadscope-reorder --ignore=tests/cluster $(ARGS)

# Against a real Kubernetes API and the real helm.
test-cluster: $(VENV)/.dev
	$(RUN) -m pytest tests/cluster -n 0 $(ARGS)

# Builds them once, into a cache outside this folder; needs Go, takes a quarter of an hour.
cluster-tools:
	@tests/cluster/tools.sh

lint: $(VENV)/.dev
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy --strict bot

bench: $(VENV)/.dev
	$(RUN) -m benchmarks $(ARGS)

check: $(VENV)/.runtime
	$(RUN) app.py check

screenshots: $(VENV)/.dev
	$(RUN) -m tests.browser.screenshots docs/images

# Resolves both locks anew; the smaller one is a subset of the larger.
lock: $(VENV)/.dev
	$(VENV)/bin/pip install -q uv
	$(VENV)/bin/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements-dev.lock
	$(VENV)/bin/uv pip compile pyproject.toml --extra sandbox --extra charts -c requirements-dev.lock --universal --generate-hashes --no-emit-index-url --no-header --no-annotate -q -o requirements.lock

clean:
	rm -rf $(VENV) .demo build dist *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Tocsin needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock | $(VENV)/bin/python
	$(VENV)/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	$(VENV)/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/.runtime
