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
TESTED := $(filter-out core/main.c,$(CORE)) $(filter-out driver/bpf.c,$(DRIVER))
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

$(TOOLS)/stamp: $(BUILD)/host.done $(wildcard toolchain/*)
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
tests-bin: $(OUT)/tests/tiercel-sealed $(OUT)/tests/act

$(OUT)/tests/tiercel-sealed: $(OBJ) tests/seal/wrap.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $(OBJ) tests/seal/wrap.c $(LIBS)

$(OUT)/tests/act: tests/live/act.c tests/live/acts.def $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -D_GNU_SOURCE -std=c11 -Os -Wall -Wextra -static -o $@ $<

# Unit tests: here under the sanitizers, and each target's own build under emulation.
$(BUILD)/host/unit: $(TESTED) $(UNIT) $(wildcard core/* driver/* tests/unit/*) $(BUILD)/toolchain/x86_64/stamp
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(SAN) $(WARN) -I$(BUILD)/src/inih -o $@ $(TESTED) $(UNIT) $(BUILD)/src/inih/ini.c

$(OUT)/tests/unit: $(TESTED) $(UNIT) $(wildcard core/* driver/* tests/unit/*) $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -I$(TOOLS)/include -static -o $@ $(TESTED) $(UNIT) $(LIBS)

$(BUILD)/host/fuzz_%: tests/fuzz/fuzz_%.c $(TESTED) $(wildcard core/* driver/*) $(BUILD)/toolchain/x86_64/stamp
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS) $(SAN) -fsanitize=fuzzer -I$(BUILD)/src/inih -o $@ $< $(TESTED) $(BUILD)/src/inih/ini.c
