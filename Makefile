# "make" lists the targets. VENV and PYTHON may be named: make demo VENV=~/reporter-env PYTHON=python3.12
PYTHON ?= python3
VENV ?= .venv
OUT ?= demo-report
export PYTHON VENV

in_venv = "$(VENV)/bin/python" -m

.NOTPARALLEL:
.PHONY: help setup demo test check format hooks docs pictures bench bench-full bench-segments lock wheel clean

help: ## List these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 - \2/p' Makefile

setup: ## Install everything for work on reporter
	@scripts/install.sh requirements-dev.lock
	@scripts/pdf_libraries.sh

demo: ## Install, then make the demo report
	@scripts/install.sh requirements.lock
	@scripts/pdf_libraries.sh
	@"$(VENV)/bin/reporter" demo --out "$(OUT)" --force; status=$$?; \
	case $$status in 0 | 4) echo 'Open "$(OUT)/report.html" in a browser.' ;; esac; exit $$status

test: setup ## Install, then run the tests
	@$(in_venv) pytest --quiet --numprocesses 2 $(TESTS)

check: setup ## Install, then run the linter, the formatter's check, the type checker and the layers of the house
	@$(in_venv) ruff check
	@$(in_venv) ruff format --check
	@$(in_venv) mypy
	@"$(VENV)/bin/lint-imports"

format: setup ## Format the code and mend what the linter can mend
	@$(in_venv) ruff check --fix
	@$(in_venv) ruff format

hooks: setup ## Check every commit before it is made (pre-commit; fetches nothing)
	@$(in_venv) pre_commit install

docs: setup ## Write the generated parts of docs/ again
	@"$(VENV)/bin/python" scripts/docs.py

pictures: setup ## Make the pictures of the README again (needs pdftoppm)
	@"$(VENV)/bin/python" scripts/pictures.py

bench: setup ## Time whole runs of 1,000 and 10,000 customers, and what an analyst would write instead (minutes)
	@"$(VENV)/bin/python" benchmarks/scale.py

bench-full: setup ## The same up to a million customers (an hour, 30 GB of disk, TMPDIR says where)
	@"$(VENV)/bin/python" benchmarks/scale.py --customers 1000 10000 100000 1000000 --out benchmarks/results/scale_full.md

bench-segments: setup ## Segments of generated readings, beside plain scripts (minutes)
	@"$(VENV)/bin/python" benchmarks/segmentation.py --no-peers --bootstraps 5 --seeds 3

lock: ## Pin again what pyproject.toml asks for (needs uv)
	@scripts/lock.sh

wheel: setup ## Build the wheel into dist/
	@$(in_venv) hatchling build --target wheel

clean: ## Remove the environment, caches and what was built
	rm -rf "$(VENV)" dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
