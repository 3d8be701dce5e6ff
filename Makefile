# Everything works on a fresh clone with Python 3.11 or newer: the environment is made when it is needed.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8501

.PHONY: run test check bench clean

run: .venv/ready-to-run
	$(BIN)/streamlit run app.py --server.port $(PORT)

# One thread for each process: two that wait for each other on one core take ten times as long.
test: .venv/ready-to-develop
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

check: .venv/ready-to-develop
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.lengths

bench: .venv/ready-to-develop
	$(BIN)/python -m tests.bench

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/ready-to-run: requirements.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/ready-to-develop: .venv/ready-to-run tests/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	touch $@
