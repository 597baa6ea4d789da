# Every task of the book by name; `make` alone lists them. Kept to what GNU make 3.81
# knows, which is the make of macOS.

# PYTHON=/path/to/python3.12 chooses the Python of the environment, on its first use.
export PYTHON

BOOK_ENV = sh .ci/venv.sh requirements.txt
TEST_ENV = sh .ci/venv.sh requirements-dev.txt
RUN = .venv/bin/python
OPEN_AS_NOTEBOOKS = .venv/share/jupyter/lab/settings
COMPILE = UV_CUSTOM_COMPILE_COMMAND="make pins" .venv/bin/uv pip compile --quiet \
	--universal --python-version 3.11 --generate-hashes
PORT = 8000

.NOTPARALLEL:
.PHONY: help book test serve lab pdf epub slides offline notebooks assignments hub room bench links addresses pins seal clean

help: ## List these tasks
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' Makefile

book: ## Build the book (the first time, its environment too)
	@$(BOOK_ENV)
	@$(RUN) book/_ext/build.py

test: ## Run all tests; OPTIONS="-k binder" runs some
	@$(TEST_ENV)
	@$(RUN) -m pytest -n auto --dist loadscope $(OPTIONS)

serve: book ## Build the book and show it on http://127.0.0.1:8000 (or PORT=...)
	@$(RUN) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

lab: ## Open the pages as notebooks in JupyterLab, to run and change them
	@$(BOOK_ENV)
	@mkdir -p $(OPEN_AS_NOTEBOOKS)
	@cp .binder/overrides.json $(OPEN_AS_NOTEBOOKS)
	@$(RUN) -m jupyter lab book

pdf: book ## Print the book to _build/creative-cluster-development.pdf
	@$(TEST_ENV)
	@$(RUN) book/_ext/make_formats.py pdf

epub: book ## Make an ePub of the book for e-readers
	@$(BOOK_ENV)
	@$(RUN) book/_ext/make_formats.py epub

slides: book ## Print the slides, with and without notes
	@$(TEST_ENV)
	@$(RUN) book/_ext/make_formats.py slides

offline: book ## Pack the book to read without a network
	@$(BOOK_ENV)
	@$(RUN) book/_ext/make_formats.py offline

notebooks: book ## Pack pages as notebooks, for students and for teachers
	@$(BOOK_ENV)
	@$(RUN) book/_ext/make_formats.py notebooks

assignments: book ## Make assignments to be marked by Otter-Grader, for teachers only
	@$(TEST_ENV)
	@$(RUN) book/_ext/make_assignments.py

hub: ## Open a room on http://127.0.0.1:8000: JupyterHub for a class, see hub/README.md
	@$(TEST_ENV)
	@mkdir -p $(OPEN_AS_NOTEBOOKS)
	@cp .binder/overrides.json $(OPEN_AS_NOTEBOOKS)
	@$(RUN) -m jupyterhub -f hub/jupyterhub_config.py

room: ## Fill the room with thirty simulated students; OPTIONS="--students 5"
	@$(TEST_ENV)
	@$(RUN) benchmarks/room.py $(OPTIONS)

bench: book ## Measure what pages cost a reader (OPTIONS=--all of them), and builds
	@$(TEST_ENV)
	@$(RUN) benchmarks/pages.py $(OPTIONS)
	@$(RUN) benchmarks/build_times.py

# 403 and 429 come from sites that answer people but not programs.
links: book ## Follow every link of the book, online
	@$(TEST_ENV)
	@.venv/bin/lychee --no-progress --accept 100..=299,403,429 '_build/html/**/*.html'

addresses: book ## Note new addresses in book/addresses.yml, so that none is lost
	@$(RUN) book/_ext/addresses.py

pins: ## Compile requirements*.in; OPTIONS=--upgrade takes newer versions
	@$(TEST_ENV)
	@$(COMPILE) $(OPTIONS) requirements.in --output-file requirements.txt
	@$(COMPILE) $(OPTIONS) requirements-dev.in --output-file requirements-dev.txt

seal: ## Write checksums and row counts of changed tables into the descriptor
	@$(BOOK_ENV)
	@$(RUN) data/seal.py

clean: ## Delete all that make has made: the built book and the environment
	@rm -rf _build .venv
