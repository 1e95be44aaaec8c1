# Everything runs in the project's own virtual environment, with the versions of requirements.lock.
PYTHON ?= python3
VENV := .venv
KEPU := $(VENV)/bin/kepu

.PHONY: demo bench test lint format docs templates golden images lock clean

demo: $(VENV)/ready
	@rm -rf build/demo
	@$(KEPU) demo build/demo

# figures of ours and of what others use, in one run: SIZE=quick, default or full; SUITE="merging reading"
SIZE ?= default
bench: $(VENV)/ready
	$(VENV)/bin/python benchmarks/run.py --size $(SIZE) $(SUITE)

test: $(VENV)/ready
	$(VENV)/bin/pytest -n auto

lint: $(VENV)/ready
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

format: $(VENV)/ready
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

# what is made from the program and kept in the repository: docs/cli.md, docs/checks.md, templates/*.xlsx, pictures
docs: $(VENV)/ready
	$(VENV)/bin/python tools/make_cli_docs.py
	$(VENV)/bin/python tools/make_checks_docs.py

templates: $(VENV)/ready
	$(VENV)/bin/python tools/make_form_template.py
	$(VENV)/bin/python tools/make_master.py

golden: $(VENV)/ready
	$(VENV)/bin/pytest --update-golden

images: demo
	$(VENV)/bin/python tools/make_images.py build/demo docs/images

lock:
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --strip-extras --extra dev --no-emit-index-url --no-emit-find-links \
		--output-file requirements.lock pyproject.toml

$(VENV)/ready: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
