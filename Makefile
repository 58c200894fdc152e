# The commands of this project. What each does is in the comment behind it; `make help` lists them.

# One place for what is built; the harness asks here where the programs are.
override CARGO_TARGET_DIR := $(abspath $(or $(CARGO_TARGET_DIR),target))
export CARGO_TARGET_DIR
HOST := $(shell rustc -vV | sed -n 's/^host: //p')

# Static, so that they run in an image made from scratch. The flag is for the program's own crate, which
# is where the linker is called: C libraries that see it, as OpenSSL does, build themselves without
# threads. In a static program the crate getrandom would not find the system call and open
# /dev/urandom, which such an image need not have.
# Neither where sources lie here nor the day is in them, so that others get the same. rustc names its own
# library's as they were where it was built, unless they are here (component rust-src). OpenSSL writes down
# when it was built, 0 would be the time of the clock; and below which directory, so for tokenpipe that must
# be the same.
# env-exec aborts where it panics and has no symbols, so tables to unwind the stack are a tenth of it
# for nothing.
CRATES := $(or $(CARGO_HOME),$(HOME)/.cargo)
LIBRARY := $(shell rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$(shell rustc -vV | sed -n 's/^commit-hash: //p')
SHIP = SOURCE_DATE_EPOCH=1 CARGO_ENCODED_RUSTFLAGS="$$(printf '%s\037%s\037%s\037%s$(1)' \
	--cfg 'getrandom_backend="linux_getrandom"' \
	'--remap-path-prefix=$(CRATES)=/crates' '--remap-path-prefix=$(LIBRARY)')" cargo rustc --locked --target $(HOST)
# Addresses that are relative to the program in their short form, a thirtieth of it: glibc's static start
# reads that form since 2.36.
SHORT := $(shell getconf GNU_LIBC_VERSION 2>/dev/null | awk '{ split($$2, v, "."); if (v[1] > 2 || v[2] >= 36) \
	print "-C link-arg=-Wl,-z,pack-relative-relocs" }')
STATIC := -- -C target-feature=+crt-static $(SHORT)

.PHONY: help
help: # This list
	@sed -n 's/^\([a-z-]*\):.*# \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: build
build: env-exec tokenpipe # Both programs, the way they ship

.PHONY: env-exec
env-exec: # env-exec alone; prints where it is
	@$(call SHIP,\037-Cforce-unwind-tables=no) --profile small --package env-exec --bin env-exec $(STATIC)
	@echo $(CARGO_TARGET_DIR)/$(HOST)/small/env-exec

.PHONY: tokenpipe
tokenpipe: # tokenpipe alone; prints where it is
	@$(call SHIP) --release --package webhook --bin tokenpipe $(STATIC)
	@echo $(CARGO_TARGET_DIR)/$(HOST)/release/tokenpipe

# With --workspace, so that crates are compiled with the features that the tests need too.
SUITE := cargo build --locked --workspace --bin suite && $(CARGO_TARGET_DIR)/debug/suite

.PHONY: test
test: # Everything that must pass: checks, servers, programs, tests; a summary at the end
	@$(SUITE) test

.PHONY: check
check: # The part of it that needs Rust alone: format, lints, documentation, licences and bans, documents
	@$(SUITE) check

.PHONY: docs
docs: # The pages in docs/reference/ and the tables in docs/annotations.md and the chart's README, from the code
	@$(SUITE) docs

.PHONY: demo
demo: # The example through the whole pipeline, on this machine; as root. KEEP=1 leaves it running
	@cargo build --locked --workspace --bin demo
	@$(CARGO_TARGET_DIR)/debug/demo $(if $(KEEP),--keep)

# `make bench ROW="ten hundred"` for some of the rows, QUICK=1 to see that they work, STRICT=1 to fail
# where a figure is missed.
.PHONY: bench
bench: # Figures, beside what is wanted and what others need; each with the command that repeats it
	@cargo build --locked --workspace --bin bench
	@$(CARGO_TARGET_DIR)/debug/bench $(if $(QUICK),--quick) $(if $(STRICT),--strict) $(ROW)

CLUSTER := cargo build --locked --workspace --bin cluster && $(CARGO_TARGET_DIR)/debug/cluster
# Two at a time: a node and its pods share the cores with what they measure.
SCENARIOS := $(CLUSTER) with cargo test --locked --workspace --no-fail-fast

.PHONY: cluster
cluster: # A Kubernetes node on this machine, in namespaces of its own; as root
	@$(CLUSTER) up

.PHONY: cluster-down
cluster-down: # Its end, and that of every trace of it
	@$(CLUSTER) down

.PHONY: images
images: # The container images, as archives in target/images; prints name and digest of each
	@$(CLUSTER) images $(CARGO_TARGET_DIR)/images

.PHONY: push
push: # Both images of the chart, built with docker or podman and pushed to REGISTRY
	@images/push

.PHONY: e2e
e2e: # The core scenarios, on that node or on the cluster of KUBECONFIG; KEEP=1 keeps what they made
	@$(SCENARIOS) --test e2e_chart --test e2e_workload --test e2e_restart -- --test-threads=2 --show-output

.PHONY: e2e-all
e2e-all: # All scenarios
	@$(SCENARIOS) --test 'e2e_*' -- --test-threads=2 --show-output

# FOR=600 for another time, TARGET="template login" for some of them. The fuzzer has a directory of its own
# for what it builds, with a nightly compiler.
.PHONY: fuzz
fuzz: # Every fuzz target for a minute; needs cargo-fuzz and a nightly compiler
	@cargo run --locked --quiet --package fuzz-targets --bin seeds
	@cd fuzz && unset CARGO_TARGET_DIR && for target in $(or $(TARGET),$$(cargo +nightly fuzz list)); do \
		cargo +nightly fuzz run $$target -- -max_total_time=$(or $(FOR),60) -timeout=10 -max_len=4096 -verbosity=0 -print_final_stats=1 || exit 1; \
	done

.PHONY: tools
tools: # The servers of the tests: found, built or installed; prints where each is
	@cargo run --locked --quiet --package integration --bin tools -- vault kubernetes

.PHONY: clean
clean: # What was built here; not the servers, which lie in the user's cache
	cargo clean
