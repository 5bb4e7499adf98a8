# tiercel: one front door. `make help` lists the doors.
#
#	make run			on a fresh Debian 12 machine, as root: install, fetch, build, start
#	make test			the same set-up, and all tests
#	make ARCH=aarch64		the binary for a Pi: build/aarch64/tiercel
#	make dist			a release: tarball, Buildroot tree, Yocto layer
#	make install			DESTDIR= PREFIX=/usr INIT=systemd|sysv|none
#	make V=1			show the commands

VERSION := 0.1.0
ARCHS := x86_64 aarch64 arm
BUILD := build

# A clone builds with a toolchain of its own. A release tarball brings the probes compiled (`make dist`), and is built with
# the compiler, the flags and the libbpf of who builds it; there, RELEASE= on the command line makes it a clone again.
RELEASE := $(wildcard bpf/probe.*.o)
ifneq ($(RELEASE),)
ifeq ($(origin CC),default)
CC := $(CROSS_COMPILE)gcc
endif
ARCH := $(shell $(CC) -dumpmachine | sed 's/-.*//; s/^arm.*/arm/')
endif
ARCH ?= x86_64
OUT := $(BUILD)/$(ARCH)
TOOLS := $(BUILD)/toolchain/$(ARCH)
FUZZ_SECONDS ?= 20

Q := $(if $(V),,@)
say = @printf '  %-8s %s\n' $(1) $(2)

# ---------------------------------------------------------------- what there is

CORE := $(wildcard core/*.c)
DRIVER := $(wildcard driver/*.c)
# What tests replace by a main of their own.
PROGRAM := $(addprefix core/,main.c cli.c sensor.c sensor_prepare.c sensor_loop.c hosts.c report.c show.c inspect.c cases.c)
TESTED := $(filter-out $(PROGRAM),$(CORE)) $(DRIVER)
UNIT := $(wildcard tests/unit/*.c)
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
PROBE := $(wildcard bpf/*.[ch])

# ---------------------------------------------------------------- how it is built

CLANG := clang-14
# The probes in the binary of each architecture: for kernels of its own, and of 64 bits where its own have 32.
PROBES_x86_64 := x86
PROBES_aarch64 := arm64
PROBES_arm := arm arm64
PROBES := $(or $(PROBES_$(ARCH)),$(error ARCH=$(ARCH): expected one of $(ARCHS)))

# The 32-bit programs that kernels of an architecture run: tests make some.
COMPAT_x86_64 := i386
COMPAT_aarch64 := arm
COMPAT = $(BUILD)/toolchain/$(COMPAT_$(ARCH))

# inih is compiled in a way of its own: a distribution's library cuts values at a semicolon.
INIH_FLAGS := $(shell cat toolchain/inih.flags)
WARN := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes
DEFINE := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64 -DVERSION='"$(VERSION)"' $(INIH_FLAGS)
COMPILE := -std=c11 $(WARN) -ffunction-sections -fdata-sections -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=.
# A Pi 5 has pages of 16 KiB, and 32-bit programs: those must lie as for the largest pages, which linkers do for 64 bits only.
PAGES_arm := -Wl,-z,max-page-size=65536
LINK := $(PAGES_$(ARCH)) -Wl,--gc-sections,-z,relro,-z,now,-z,noexecstack
SEALED := malloc calloc realloc aligned_alloc posix_memalign memalign __libc_malloc __libc_calloc
WRAP := $(SEALED:%=-Wl,--wrap=%)
SAN := -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined

OBJ := $(patsubst %.c,$(OUT)/obj/%.o,$(CORE) $(DRIVER)) $(OUT)/obj/driver/probes.o

ifeq ($(RELEASE),)
CC := $(TOOLS)/bin/cc
READY := $(TOOLS)/stamp
INIH := $(BUILD)/src/inih
PROBE_OBJECTS := $(PROBES:%=$(OUT)/probe.%.o)
CPPFLAGS := $(DEFINE) -I$(TOOLS)/include
CFLAGS := $(COMPILE) -Os -g -Werror -fno-asynchronous-unwind-tables -fno-unwind-tables
# musl makes no part of a static PIE read-only again: RELRO would be up to 64 KiB of padding, and protect nothing.
LDFLAGS := -static-pie $(LINK),-z,norelro,--build-id=none
LIBS := -L$(TOOLS)/lib -lbpf -lelf -lz -linih
else
# Who builds adds flags, strips, and says STATIC=1 for a static binary. LIBBPF_CFLAGS and LIBBPF_LIBS replace pkg-config.
PKG_CONFIG ?= pkg-config
INIH ?= inih
PROBE_OBJECTS := $(PROBES:%=bpf/probe.%.o)
LIBBPF_CFLAGS ?= $(shell $(PKG_CONFIG) --cflags libbpf)
LIBBPF_LIBS ?= $(shell $(PKG_CONFIG) $(if $(STATIC),--static) --libs libbpf)
override CPPFLAGS := $(DEFINE) -I$(INIH) $(LIBBPF_CFLAGS) $(CPPFLAGS)
override CFLAGS := $(COMPILE) $(or $(CFLAGS),-Os -g)
override LDFLAGS := $(if $(STATIC),-static) $(LINK) $(LDFLAGS)
LIBS := $(LIBBPF_LIBS) -lz
OBJ += $(OUT)/obj/inih.o
READY := $(INIH)/ini.c

$(READY):
	@echo "$@: not here: unpack inih (toolchain/sources has version and checksum) as inih, or give INIH=DIR" >&2
	@false
endif

all: $(OUT)/tiercel ## build the binary for ARCH (x86_64, aarch64, arm): build/ARCH/tiercel

$(OUT)/tiercel$(if $(RELEASE),,.debug): $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

ifeq ($(RELEASE),)
$(OUT)/tiercel: $(OUT)/tiercel.debug
	$(call say,STRIP,$@)
	$(Q)$(TOOLS)/bin/strip -o $@ $<
endif

$(OUT)/obj/%.o: %.c $(READY) Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OUT)/obj/driver/probes.o: driver/probes.S $(PROBE_OBJECTS) $(READY)
	$(call say,AS,$@)
	$(Q)mkdir -p $(@D)
	$(Q)n=0; for o in $(PROBE_OBJECTS); do gzip -9nc $$o >$(@D)/probes.$$n.gz || exit; n=$$((n + 1)); done
	$(Q)$(CC) $(CFLAGS) -I$(@D) $(if $(word 2,$(PROBES)),-DPROBE_WIDE) -c -o $@ $<

$(OUT)/obj/inih.o: $(READY)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -w -c -o $@ $<

# The probe keeps its BTF and its relocations; debug information, the compiler's labels and what only linkers read goes.
$(OUT)/probe.%.o: $(PROBE) $(wildcard driver/*.h driver/*.def) $(TOOLS)/stamp Makefile
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v2 -O2 -g -Wall -Werror -ffreestanding -D__TARGET_ARCH_$* \
		-I$(TOOLS)/include -isystem $(TOOLS)/sysroot/usr/include -ffile-prefix-map=$(CURDIR)=. \
		-fdebug-compilation-dir=. -c -o $@.full bpf/probe.bpf.c
	$(Q)llvm-objcopy-14 --strip-debug --remove-section=.rel.BTF --remove-section=.rel.BTF.ext \
		--remove-section=.llvm_addrsig --wildcard --strip-symbol='LBB*' $@.full $@
	$(Q)rm $@.full

probes: $(PROBE_OBJECTS)

# What the machine has installed is no part of what is built.
$(BUILD)/toolchain/%/stamp: $(filter-out $(addprefix toolchain/,host packages README.md falco-import headers kernel-module kernel-pack packs),$(wildcard toolchain/* toolchain/*/*)) \
		| $(BUILD)/host.done
	$(Q)BUILD=$(BUILD) sh toolchain/build $*
	$(Q)touch $@

$(BUILD)/host.done: toolchain/host toolchain/packages
	$(Q)mkdir -p $(BUILD)
	$(Q)BUILD=$(BUILD) sh toolchain/host
	$(Q)touch $@

-include $(OBJ:.o=.d)

# ---------------------------------------------------------------- the manual

# Its tables are printed by the program, so one that runs here is needed.
HERE := $(shell uname -m)

man: ## the manual, with tables from the program itself: build/man
	$(Q)$(MAKE) --no-print-directory all ARCH=$(HERE)
	$(call say,MAN,$(BUILD)/man)
	$(Q)sh core/man/build $(BUILD)/$(HERE)/tiercel $(BUILD)/man

# ---------------------------------------------------------------- running

run: ## install, fetch, build, and start the sensor on this machine
	$(Q)$(MAKE) --no-print-directory all ARCH=$(shell uname -m)
	$(Q)exec $(BUILD)/$(shell uname -m)/tiercel run -c sensor.ini -r rules.d $(RUN_OPTIONS)

# ---------------------------------------------------------------- tests

# Binaries that only tests use: the sensor that aborts on an allocation after its start, and the acts.
tests-bin: $(addprefix $(OUT)/tests/,tiercel-sealed break unit act flood names storm do feed-client refuse gush rings) \
	$(if $(filter arm,$(ARCH)),,$(OUT)/tests/sever) \
	$(if $(COMPAT_$(ARCH)),$(OUT)/tests/act-compat)

$(OUT)/tests/tiercel-sealed: $(OBJ) tests/seal/wrap.c tests/seal/life.c
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ $(OBJ) tests/seal/wrap.c tests/seal/life.c $(LIBS)

$(OUT)/tests/break: tests/seal/break.c tests/seal/wrap.c $(TOOLS)/stamp Makefile
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(WRAP) -o $@ tests/seal/break.c tests/seal/wrap.c

# Small programs that do what the sensor must see.
DEED = $(CC) -D_GNU_SOURCE -std=c11 -Os -Wall -Wextra -Wshadow -Werror -static $(PAGES_$(ARCH)) -o $@ $<

$(OUT)/tests/act: tests/live/act.c tests/live/acts.def tests/live/socketcall.h $(TOOLS)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

# The acts of the 32-bit programs that a 64-bit kernel runs.
$(OUT)/tests/act-compat: CC = $(COMPAT)/bin/cc
$(OUT)/tests/act-compat: tests/live/act.c tests/live/acts.def tests/live/socketcall.h $(COMPAT)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED) -Wl,-z,max-page-size=65536

$(OUT)/tests/flood $(OUT)/tests/names $(OUT)/tests/storm: $(OUT)/tests/%: tests/attack/%.c tests/attack/ways.def $(TOOLS)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/do: tests/rules/do.c $(TOOLS)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/feed-client: board/feed/feed-client.c $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/refuse: tests/refuse.c tests/refuse.h $(TOOLS)/stamp Makefile
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/sever: tests/cli/sever.c $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

$(OUT)/tests/gush $(OUT)/tests/rings: $(OUT)/tests/%: tests/vm/%.c tests/ring.h $(TOOLS)/stamp
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(DEED)

# Measures what ships: built as the sensor is.
$(OUT)/tests/bench-match: tests/bench/match.c tests/bench/naive.h $(OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -static -Wl,--gc-sections -o $@ $< $(filter-out $(PROGRAM:%.c=$(OUT)/obj/%.o),$(OBJ)) $(LIBS)

# For this machine, under the sanitizers: the whole sensor, its unit tests, the fuzzers. Debian's libbpf serves there.
# The objects are an archive, so that a fuzzer can stand in the place of one.
HOST := $(BUILD)/host
HOST_FLAGS = $(DEFINE) $(SAN) $(WARN) -Werror -fsanitize=fuzzer-no-link -I$(INIH)
HOST_OBJ := $(patsubst %.c,$(HOST)/obj/%.o,$(CORE) $(DRIVER)) $(HOST)/obj/driver/probes.o $(HOST)/obj/inih.o
HOST_LIB := $(HOST)/obj/tested.a

$(HOST)/obj/%.o: %.c $(BUILD)/host.done $(TOOLS)/stamp Makefile
	$(call say,CLANG,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(HOST_FLAGS) -MMD -MP -c -o $@ $<

# "did you mean" is nine tenths of a fuzzer's time, were each of its comparisons reported; what the fuzzers
# check is none of the sensor's.
$(HOST)/obj/core/nearest.o $(FUZZERS:%=$(HOST)/obj/tests/fuzz/fuzz_%.o): HOST_FLAGS += -fno-sanitize-coverage=trace-cmp

$(HOST)/obj/inih.o: $(TOOLS)/stamp
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(HOST_FLAGS) -c -o $@ $(INIH)/ini.c

$(HOST)/obj/driver/probes.o: $(BUILD)/x86_64/obj/driver/probes.o
	$(Q)mkdir -p $(@D) && cp $< $@

$(HOST_LIB): $(filter-out $(PROGRAM:%.c=$(HOST)/obj/%.o),$(HOST_OBJ))
	$(Q)rm -f $@ && llvm-ar-14 rcs $@ $^

$(HOST)/tiercel: $(HOST_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(SAN) -o $@ $^ -lbpf -lz

$(HOST)/unit: $(UNIT:%.c=$(HOST)/obj/%.o) $(HOST_LIB)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(SAN) -o $@ $^ -lbpf -lz

$(HOST)/fuzz_%: $(HOST)/obj/tests/fuzz/fuzz_%.o $(HOST_LIB)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(SAN) -fsanitize=fuzzer -o $@ $^ -lbpf -lz

fuzzers: $(addprefix $(HOST)/fuzz_,$(FUZZERS))

-include $(wildcard $(HOST)/obj/*/*.d $(HOST)/obj/*/*/*.d)

# The unit tests as each target has them: 32 bits, musl; they run under emulation.
$(OUT)/tests/unit: $(UNIT) $(wildcard tests/unit/*) $(OBJ)
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -static -Wl,--gc-sections -o $@ $(UNIT) \
		$(filter-out $(PROGRAM:%.c=$(OUT)/obj/%.o),$(OBJ)) $(LIBS)

test: ## the same set-up, and all tests; the last line counts them
	$(Q)$(foreach a,$(ARCHS),$(MAKE) --no-print-directory ARCH=$(a) all tests-bin &&) true
	$(Q)$(MAKE) --no-print-directory $(HOST)/unit fuzzers $(HOST)/tiercel
	$(Q)BUILD=$(BUILD) FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/run

test-unit: $(HOST)/unit ## unit tests alone, under AddressSanitizer
	$(Q)$(HOST)/unit

test-live: all tests-bin ## each event's act, under each driver that this machine allows
	$(Q)TIERCEL=$(OUT)/tests/tiercel-sealed ACT=$(OUT)/tests/act sh tests/live/run

test-vm: ## the emulated machines, all kernels and drivers: boot, alert, log server, live suite
	$(Q)$(foreach a,$(ARCHS),$(MAKE) --no-print-directory ARCH=$(a) all tests-bin &&) true
	$(Q)sh tests/vm/run --all

packs: ## packs of all of Debian's kernels, held to their own BTF where they have one: build/packs/packs
	$(Q)$(foreach a,$(ARCHS),$(MAKE) --no-print-directory ARCH=$(a) probes &&) true
	$(Q)sh toolchain/packs

fuzz: fuzzers ## fuzz for FUZZ_SECONDS each (20)
	$(Q)sh tests/fuzz/run $(FUZZ_SECONDS)

# The same fuzzers with counters in place of the sanitizers, on all inputs that are kept.
COVERED := -std=c11 -O1 -g -fprofile-instr-generate -fcoverage-mapping
fuzz-coverage: ## lines and branches that the fuzzers' inputs reach, a file
	$(Q)$(MAKE) --no-print-directory HOST=$(BUILD)/coverage SAN='$(COVERED)' fuzzers
	$(Q)FUZZERS=$(BUILD)/coverage FOUND=$(BUILD)/host/found sh tests/fuzz/coverage

bench: all $(addprefix $(OUT)/tests/,bench-match refuse) ## measure this machine's load, recorded anew as root: BENCH=match; BENCH=ptrace
	$(Q)BUILD=$(BUILD) sh tests/bench/run $(BENCH)

golden: all ## write the expected alerts of tests/replay anew: read the difference
	$(Q)sh tests/replay/run --golden

# ---------------------------------------------------------------- releasing, installing

dist: man ## a release in build/dist: tarball with compiled probes, Buildroot tree, Yocto layer, checksums
	$(Q)$(foreach a,$(ARCHS),$(MAKE) --no-print-directory ARCH=$(a) probes &&) true
	$(Q)BUILD=$(BUILD) VERSION=$(VERSION) sh board/dist

PREFIX := /usr
UNITDIR := $(PREFIX)/lib/systemd/system
DOCDIR := $(PREFIX)/share/doc/tiercel
MANDIR := $(PREFIX)/share/man
INIT := systemd
$(if $(filter systemd sysv none,$(INIT)),,$(error INIT=$(INIT): expected systemd, sysv or none))
PAGES := $(notdir $(wildcard core/man/*.[0-9]))
PAGES_IN := $(if $(RELEASE),man,$(BUILD)/man)
BOARD := board/raspberrypi
EXAMPLES := $(wildcard $(BOARD)/syslog/* board/feed/*) sensor.ini

# put MODE,FILES,DIRECTORY: one that anyone may enter, whatever the umask is. Units and scripts name the sensor as it is with
# PREFIX=/usr.
put = $(Q)umask 022 && mkdir -p $(DESTDIR)$(3) && install -m $(1) $(2) $(DESTDIR)$(3)/
adapt = $(Q)sed -i 's|/usr/sbin/|$(PREFIX)/sbin/|; s|/usr/share/doc/tiercel/|$(DOCDIR)/|' $(DESTDIR)$(1)
# A blank would part a name in two, and uninstall remove what the first half names.
$(foreach v,DESTDIR PREFIX,$(if $(word 2,$($(v))),$(error $(v)=$($(v)): expected no blanks)))

# Rules are replaced; what the site may have changed is not.
install: $(OUT)/tiercel $(if $(RELEASE),,man) ## install it: DESTDIR= PREFIX=/usr INIT=systemd, sysv or none
	$(call put,755,$<,$(PREFIX)/sbin)
	$(call put,644,$(filter-out rules.d/90-local.ini,$(wildcard rules.d/*.ini)),/etc/tiercel/rules.d)
	$(Q)for f in sensor.ini rules.d/90-local.ini; do \
		test -e $(DESTDIR)/etc/tiercel/$$f || install -m 644 $$f $(DESTDIR)/etc/tiercel/$$f || exit; done
	$(Q)umask 022; for p in $(PAGES); do d=$(DESTDIR)$(MANDIR)/man$${p##*.}; \
		mkdir -p $$d && install -m 644 $(PAGES_IN)/$$p $$d/ || exit; done
	$(call put,644,README.md ARCHITECTURE.md CHANGES LICENSE,$(DOCDIR))
	$(call put,644,$(BOARD)/README.md,$(DOCDIR)/board)
	$(call put,644,rules.d/README.md,$(DOCDIR)/rules.d)
	$(call put,644,$(EXAMPLES),$(DOCDIR)/examples)
ifeq ($(INIT),systemd)
	$(call put,644,$(BOARD)/tiercel.service,$(UNITDIR))
	$(call adapt,$(UNITDIR)/tiercel.service)
endif
ifeq ($(INIT),sysv)
	$(call put,755,$(BOARD)/S50tiercel,/etc/init.d)
	$(call adapt,/etc/init.d/S50tiercel)
endif

uninstall: ## remove what install laid out, but for /etc/tiercel
	$(Q)rm -rf $(addprefix $(DESTDIR),$(PREFIX)/sbin/tiercel $(UNITDIR)/tiercel.service /etc/init.d/S50tiercel $(DOCDIR))
	$(Q)for p in $(PAGES); do rm -f $(DESTDIR)$(MANDIR)/man$${p##*.}/$$p; done

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
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | awk -F '\t' '{ printf "  make %-13s %s\n", $$1, $$2 }'

.PHONY: all probes packs man run dist install uninstall tests-bin test test-unit test-live test-vm fuzz fuzzers fuzz-coverage bench golden lint fmt compdb size clean help
.DELETE_ON_ERROR:
