# Everything that is done with this project by hand, for a machine with Python 3.11 or newer, git and make.
# What is installed lands in .venv and is noted there by stamp files, so that a second call starts at once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
# more than the two cores of a small machine: many tests wait for other processes
JOBS ?= 4
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run setup test test-postgres test-long lint format check bench load messages vendor lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: setup ## install what is needed, start everything, print the address
	@exec $(BIN)/otrs-web run --with-parent

setup: $(VENV)/.installed ## install into .venv, start nothing

test: dev browser containers faketime nginx postgres prometheus systemd ## install what the tests need, then run them all
	$(BIN)/python -m pytest -n $(JOBS) $(TESTS)

test-postgres: dev browser containers faketime nginx postgres prometheus systemd ## what depends on database or broker once more, on one PostgreSQL and one Valkey
	TESTS_ON=postgresql $(BIN)/python -m pytest -n $(JOBS) $(TESTS)

test-long: dev postgres ## what takes minutes: imports killed at any moment, again and again
	$(BIN)/python -m pytest -n $(JOBS) -m long $(TESTS)

lint: dev ## style, types, templates, translations, Containerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates
	PYBABEL=$(BIN)/pybabel sh scripts/locale.sh --check
	$(BIN)/hadolint Containerfile

format: dev ## bring the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

check: lint test ## lint and test

bench: dev postgres ## speed and memory of imports, statistics and files, beside what they are measured against
	$(BIN)/python -m bench

load: dev postgres ## 50 people at work while imports run, for two minutes each on SQLite and on PostgreSQL
	$(BIN)/python -m bench load

messages: dev ## collect the texts to translate into locale/
	PYBABEL=$(BIN)/pybabel sh scripts/locale.sh

vendor: ## build static/vendor anew from npm packages (needs node)
	sh scripts/vendor.sh

lock: ## choose the newest packages that pyproject.toml allows, and pin them
	sh scripts/lock.sh

clean: ## remove what was installed and cached; data stay
	rm -rf $(VENV) $(VENV)-* .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: dev browser containers faketime nginx postgres prometheus systemd
dev: $(VENV)/.installed-dev

browser:
	@sh scripts/browser.sh

containers:
	@sh scripts/containers.sh

faketime:
	@sh scripts/faketime.sh

nginx:
	@sh scripts/nginx.sh

postgres:
	@sh scripts/postgres.sh

prometheus:
	@sh scripts/prometheus.sh

systemd:
	@sh scripts/systemd.sh

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "otrs-web needs Python 3.11 or newer; name one with: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python cannot make a virtual environment here. On Debian: apt install python3-venv" >&2; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.made requirements.lock pyproject.toml
	@echo "Installing into $(VENV) …"
	@$(BIN)/pip install -qq --require-hashes --requirement requirements.lock
	@$(BIN)/pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	@echo "Installing what tests and checks need …"
	@$(BIN)/pip install -qq --require-hashes --requirement requirements-dev.lock
	@touch $@
