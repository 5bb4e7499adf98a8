# tiercel: one front door. `make help` lists the doors.
#
#	make run			on a fresh Debian 12 machine, as root: install, fetch, build, start
#	make test			the same set-up, and all tests
#	make ARCH=aarch64		the binary for a Pi: build/aarch64/tiercel
#	make V=1			show the commands

VERSION := 0.1.0
ARCHS := x86_64 aarch64 arm
ARCH ?= x86_64
BUILD := build
OUT := $(BUILD)/$(ARCH)
TOOLS := $(BUILD)/toolchain/$(ARCH)
FUZZ_SECONDS ?= 20

Q := $(if $(V),,@)
say = @printf '  %-8s %s\n' $(1) $(2)

# ---------------------------------------------------------------- what there is

CORE := $(wildcard core/*.c)
DRIVER := $(wildcard driver/*.c)
# What tests replace by a main of their own.
PROGRAM := $(addprefix core/,main.c cli.c sensor.c report.c show.c)
TESTED := $(filter-out $(PROGRAM),$(CORE)) $(DRIVER)
UNIT := $(wildcard tests/unit/*.c)
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
PROBE := $(wildcard bpf/*.[ch])

# ---------------------------------------------------------------- how it is built

CC := $(TOOLS)/bin/cc
STRIP := $(TOOLS)/bin/strip
CLANG := clang-14
BPF_ARCH_x86_64 := x86
BPF_ARCH_aarch64 := arm64
BPF_ARCH_arm := arm
BPF_ARCH := $(or $(BPF_ARCH_$(ARCH)),$(error ARCH=$(ARCH): expected one of $(ARCHS)))

WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Werror
INIH := $(shell cat toolchain/inih.flags)
CPPFLAGS := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' $(INIH)
CFLAGS := -std=c11 -Os -g $(WARN) -ffunction-sections -fdata-sections -fstack-protector-strong \
	-fno-asynchronous-unwind-tables -fno-unwind-tables -ffile-prefix-map=$(CURDIR)=.
LDFLAGS := -static-pie -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack,--build-id=none
LIBS := -L$(TOOLS)/lib -lbpf -lelf -lz -linih
WRAP := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=aligned_alloc,--wrap=posix_memalign
SAN := -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined

OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(CORE) $(DRIVER)) $(OUT)/obj/driver/probe.o

all: $(OUT)/tiercel ## build the binary for ARCH (x86_64, aarch64, arm): build/ARCH/tiercel

$(OUT)/tiercel: $(OUT)/tiercel.debug
	$(call say,STRIP,$@)
	$(Q)$(STRIP) -o $@ $<

$(OUT)/tiercel.debug: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

$(OUT)/obj/%.o: %.c $(TOOLS)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -I$(TOOLS)/include -MMD -MP -c -o $@ $<

$(OUT)/obj/driver/probe.o: driver/probe.S $(OUT)/probe.bpf.o $(TOOLS)/stamp
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -DPROBE_OBJECT='"$(OUT)/probe.bpf.o"' -c -o $@ $<

# The probe keeps its BTF and its relocations; debug information and what only linkers read goes.
$(OUT)/probe.bpf.o: $(PROBE) $(wildcard driver/*.h driver/*.def) $(TOOLS)/stamp Makefile
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v2 -O2 -g -Wall -Werror -ffreestanding -D__TARGET_ARCH_$(BPF_ARCH) \
		-I$(TOOLS)/include -isystem $(TOOLS)/sysroot/usr/include -ffile-prefix-map=$(CURDIR)=. \
		-fdebug-compilation-dir=. -c -o $@.full bpf/probe.bpf.c
	$(Q)llvm-objcopy-14 --strip-debug --remove-section=.rel.BTF --remove-section=.rel.BTF.ext \
		--remove-section=.llvm_addrsig $@.full $@
	$(Q)rm $@.full

$(TOOLS)/stamp: $(BUILD)/host.done $(wildcard toolchain/* toolchain/*/*)
	$(Q)BUILD=$(BUILD) sh toolchain/build $(ARCH)
	$(Q)touch $@

$(BUILD)/host.done: toolchain/host toolchain/packages
	$(Q)mkdir -p $(BUILD)
	$(Q)BUILD=$(BUILD) sh toolchain/host
	$(Q)touch $@

-include $(OBJ:.o=.d)

# ---------------------------------------------------------------- running

run: ## install, fetch, build, and start the sensor on this machine
	$(Q)$(MAKE) --no-print-directory all ARCH=$(shell uname -m)
	$(Q)exec $(BUILD)/$(shell uname -m)/tiercel run -c sensor.ini -r rules.d $(RUN_OPTIONS)

# ---------------------------------------------------------------- tests

# Binaries that only tests use: the sensor that aborts on an allocation after its start, and the acts.
tests-bin: $(addprefix $(OUT)/tests/,tiercel-sealed unit act flood names do)

$(OUT)/tests/tiercel-sealed: $(OBJ) tests/seal/wrap.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $(OBJ) tests/seal/wrap.c $(LIBS)

# Small programs that do what the sensor must see.
DEED = $(CC) -D_GNU_SOURCE -std=c11 -Os -Wall -Wextra -Wshadow -Werror -static -o $@ $<

$(OUT)/tests/act: tests/live/act.c tests/live/acts.def $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/flood $(OUT)/tests/names: $(OUT)/tests/%: tests/attack/%.c tests/attack/ways.def $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/do: tests/rules/do.c $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

# For this machine, under the sanitizers: the whole sensor, its unit tests, the fuzzers. Debian's libbpf serves there.
HOST_SOURCES := $(TESTED) driver/probe.S $(BUILD)/src/inih/ini.c
HOST_FLAGS = $(CPPFLAGS) $(SAN) $(WARN) -DPROBE_OBJECT='"$(BUILD)/x86_64/probe.bpf.o"' -I$(BUILD)/src/inih
HOST_DEPS := $(TESTED) $(wildcard core/*.h core/*.def driver/*.h driver/*.def) $(BUILD)/x86_64/probe.bpf.o

$(BUILD)/host/tiercel: $(PROGRAM) $(HOST_DEPS)
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(HOST_FLAGS) -o $@ $(PROGRAM) $(HOST_SOURCES) -lbpf

$(BUILD)/host/unit: $(UNIT) $(wildcard tests/unit/*) $(HOST_DEPS)
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(HOST_FLAGS) -o $@ $(UNIT) $(HOST_SOURCES) -lbpf

$(BUILD)/host/fuzz_%: tests/fuzz/fuzz_%.c $(HOST_DEPS)
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(HOST_FLAGS) -fsanitize=fuzzer -o $@ $< $(HOST_SOURCES) -lbpf

# The unit tests as each target has them: 32 bits, musl; they run under emulation.
$(OUT)/tests/unit: $(UNIT) $(wildcard tests/unit/*) $(OBJ)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -I$(TOOLS)/include -static -Wl,--gc-sections -o $@ $(UNIT) \
		$(filter-out $(PROGRAM:%.c=$(OUT)/obj/%.o),$(OBJ)) $(LIBS)

test: ## the same set-up, and all tests; the last line counts them
	$(Q)$(foreach a,$(ARCHS),$(MAKE) --no-print-directory ARCH=$(a) all tests-bin &&) true
	$(Q)$(MAKE) --no-print-directory $(BUILD)/host/unit $(addprefix $(BUILD)/host/fuzz_,$(FUZZERS)) $(BUILD)/host/tiercel
	$(Q)BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/run

test-unit: $(BUILD)/host/unit ## unit tests alone, under AddressSanitizer
	$(Q)$(BUILD)/host/unit

test-live: all tests-bin ## each event's act, under each driver that this machine allows
	$(Q)TIERCEL=$(OUT)/tests/tiercel-sealed ACT=$(OUT)/tests/act sh tests/live/run

test-vm: ## the emulated Pis: boot, alert, log server
	$(Q)$(foreach a,aarch64 arm,$(MAKE) --no-print-directory ARCH=$(a) all tests-bin &&) true
	$(Q)sh tests/vm/run

fuzz: $(addprefix $(BUILD)/host/fuzz_,$(FUZZERS)) ## fuzz for FUZZ_SECONDS each (20)
	$(Q)sh tests/fuzz/run $(FUZZ_SECONDS)

golden: all ## write the expected alerts of tests/replay anew: read the difference
	$(Q)sh tests/replay/run --golden

# ---------------------------------------------------------------- the house

lint: ## hold the tree to its rules; prints files, lines, the longest function
	$(Q)sh tests/lint/lint

fmt: ## format all C files
	$(Q)clang-format-14 -i $(wildcard core/*.[ch] driver/*.[ch] bpf/*.[ch] tests/*/*.[ch])

compdb: ## compile_commands.json, for editors
	$(Q)$(MAKE) --no-print-directory -Bnk V=1 ARCH=$(ARCH) all | sh tests/compdb >compile_commands.json

size: ## what the binaries weigh
	$(Q)for a in $(ARCHS); do ls -l $(BUILD)/$$a/tiercel 2>/dev/null; done

clean: ## remove what was built; downloads stay in the cache
	$(Q)rm -rf $(BUILD) compile_commands.json

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-10s %s\n", $$1, $$2 }'

.PHONY: all run tests-bin test test-unit test-live test-vm fuzz golden lint fmt compdb size clean help
.DELETE_ON_ERROR:
