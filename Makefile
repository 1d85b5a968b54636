# Everything here works in a fresh clone on Debian 12 with Swift 6.3 on PATH, as root or with sudo: what a target needs
# of Debian's packages is installed first, and named. Nothing is asked of dpkg but whether it is there.

SWIFT ?= swift

# What Package.swift links against, what tests run beside it, and what it is measured against.
BUILD_PACKAGES := libcurl4-openssl-dev libssl-dev liblz4-dev libzstd-dev libisal-dev zlib1g-dev libexpat1-dev pkg-config
TEST_PACKAGES := zstd lz4 jq openssl
BENCH_PACKAGES := zstd restic

# An import that Package.swift does not declare is an error, so that the target graph stays true.
CHECKED := --explicit-target-dependency-import-check error

RELEASE := .build/release/ringvault

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo test build lint format bench deps test-deps bench-deps

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: deps ## Back up and restore the SSTables of four Cassandra versions, and compare every byte
	$(SWIFT) build --product ringvault
	.build/debug/ringvault demo

test: test-deps ## Build everything and run all tests
	$(SWIFT) build --build-tests $(CHECKED)
	$(SWIFT) test --disable-xctest $(CHECKED)

build: deps ## Build the program itself, optimised: .build/release/ringvault
	$(SWIFT) build -c release --product ringvault
	@echo "built $(RELEASE)"

lint: ## Check that every Swift file has the house's format
	$(SWIFT) format lint --strict -r Package.swift Sources Tests \
		$(wildcard Benchmarks/Package.swift Benchmarks/Sources)

format: ## Give every Swift file the house's format
	$(SWIFT) format -i -r Package.swift Sources Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

bench: bench-deps build ## Measure against cp, sha256sum, zstd and restic; BENCH=--help tells the options
	$(SWIFT) run -c release --package-path Benchmarks TransferBenchmarks --binary $(RELEASE) $(BENCH)

deps: ## Install what building needs of Debian's packages
	@$(call install,$(BUILD_PACKAGES))

test-deps:
	@$(call install,$(BUILD_PACKAGES) $(TEST_PACKAGES))

bench-deps:
	@$(call install,$(BUILD_PACKAGES) $(BENCH_PACKAGES))

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
	if test "$$(id -u)" = 0; then as_root="env"; \
	elif command -v sudo >/dev/null; then as_root="sudo env"; \
	else echo "neither root nor sudo: run as root: apt-get install$$missing" >&2; exit 1; fi; \
	$$as_root apt-get update -qq </dev/null && \
	$$as_root DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing </dev/null >/dev/null
endef
