# The two commands of a fresh machine are `make run` and `make test`. Nothing else is needed than Python 3.11 and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help run test test-long check docs bench clean

help: ## Say what there is to make
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/:.*## /\t/'

$(BIN)/custodiet: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Custodiet needs Python 3.11 or later; name one with: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Custodiet into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[word]'
	@touch $(BIN)/custodiet

run: $(BIN)/custodiet ## Build the register, print what is in it, and open the explorer
	@$(BIN)/custodiet build
	@if [ -t 1 ]; then $(BIN)/custodiet serve; else echo "See it as pages: $(BIN)/custodiet serve"; fi

$(VENV)/test-extras: $(BIN)/custodiet
	@echo "Installing the test extras ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $(VENV)/test-extras

test: $(VENV)/test-extras check ## Check style and types, and run the tests
	$(BIN)/python -m pytest -m "not long"

test-long: $(VENV)/test-extras ## Run the tests that take long, as CI does after the others
	$(BIN)/python -m pytest -m long

check: $(VENV)/test-extras ## Check style, types and the plan of the house
	$(BIN)/ruff check src tests bench docs
	$(BIN)/ruff format --check src tests bench docs
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(BIN)/custodiet ## Write the generated parts of docs/ anew
	$(BIN)/python docs/generate.py

$(VENV)/compare-extras: $(BIN)/custodiet
	@echo "Installing what the bench compares with ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[compare]'
	@touch $(VENV)/compare-extras

bench: $(VENV)/compare-extras ## Measure speed and memory against the figures we promise
	$(BIN)/python bench/access_log.py
	$(BIN)/python bench/register.py
	$(BIN)/python bench/money.py
	$(BIN)/python bench/categories.py
	$(BIN)/custodiet build > /dev/null && $(BIN)/python bench/organisations.py
	$(BIN)/python bench/evaluation.py
	$(BIN)/python bench/site.py

clean: ## Take the environment away
	rm -rf $(VENV)
