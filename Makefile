# make run and make test are for everyone; the other targets are for developers and releases.
PYTHON ?= python3
BIN = .venv/bin
ARGS ?=
PART ?=
SIZE ?=
RUN = pytest -q -n auto --maxprocesses 8 --dist worksteal
PYTEST = $(PYTHON) bootstrap.py test && exec $(BIN)/$(RUN)
# Compiled modules are kept: without them each of the many processes of a run would compile the whole application.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test walks coverage lint messages bench release-check release audit lock

run:
	@$(PYTHON) bootstrap.py run && exec $(BIN)/python manage.py serve $(ARGS)

test:
	@$(PYTEST) -m "not walk" $(ARGS)

# The tests that open every page or send every form, as everybody: .ci/run runs them once, after make test.
walks:
	@$(PYTEST) -m walk $(ARGS)

# As make test, and fails if the tests run too little of the application: see [tool.slipcover] in pyproject.toml.
coverage:
	@$(PYTHON) bootstrap.py dev && exec $(BIN)/python -m $(RUN) -p tests.coverage -m "not walk" $(ARGS)

lint:
	@$(PYTHON) bootstrap.py dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --target-version 5.2 --check $$(find templates -name '*.html')
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --severity-level medium --exclude ./tests,./.venv,./data,./.cache .
	$(BIN)/python manage.py makemigrations --check --dry-run
	scripts/catalogs check

# Add new texts of the code to the catalogs in locale/, where they are translated, and compile them.
messages:
	@$(PYTHON) bootstrap.py dev
	scripts/catalogs update

# SIZE=large: beside 99 copies of the data, 50,000 pairs in all: scripts/with-services make bench SIZE=large
bench:
	@$(PYTHON) bootstrap.py test && exec $(BIN)/python tests/bench/run.py $(if $(filter large,$(SIZE)),--copies 99) $(ARGS)

# The larger checks, in parts: make release-check PART=load. All parts without PART.
release-check: lint
	scripts/release-check $(PART)

# Write the list of libraries (SBOM) and of their licenses, which come with a release, into dist/.
release:
	@$(PYTHON) bootstrap.py dev
	@scripts/release

# List known vulnerabilities of the libraries; needs the network.
audit:
	@$(PYTHON) bootstrap.py dev
	@scripts/audit

# Update the lock files after a change in pyproject.toml.
lock:
	@$(PYTHON) bootstrap.py dev
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header -o requirements/run.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header --extra sentry --extra test -o requirements/test.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header --extra sentry --extra test --extra dev -o requirements/dev.txt
	$(BIN)/uv pip compile -q pyproject.toml --universal --generate-hashes --no-header --extra sentry -o requirements/sentry.txt
	$(BIN)/uv pip compile -q requirements/broker.in --no-deps --universal --generate-hashes --no-header -o requirements/broker.txt
	$(BIN)/uv pip compile -q requirements/fuzz.in --universal --generate-hashes --no-header -o requirements/fuzz.txt
