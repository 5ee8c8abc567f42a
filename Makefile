# SPDX-License-Identifier: GPL-2.0
#
# make help lists the targets. Everything made goes under build/.

ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BUILD := $(ROOT)/build
VM := $(ROOT)/selftests/vm
ifneq ($(words $(ROOT)$(BUILD)),1)
$(error kbuild takes no blank in a path, as in $(if $(word 2,$(ROOT)),$(CURDIR),$(BUILD)))
endif

# The kernel that the module is built for, and the guest runs: $(KREL), if given.
# Looked up when a rule needs it: "make demo" installs its headers first.
RELEASE = $(eval RELEASE := $$(shell KREL='$(KREL)' $(VM)/kernel.sh release))$(or \
	$(RELEASE),$(error no kernel headers))
KDIR = /lib/modules/$(RELEASE)/build
KOUT = $(BUILD)/kmod/$(RELEASE)
# One of the targets that build and run at a time.
LOCK := $(VM)/lock.sh
KSFT_DIR := $(BUILD)/kselftest/tools/testing/selftests

.PHONY: all module lib cli tests kselftest demo check check-all check-kernels \
	check-debug check-install fuzz bench-insn bench-rings shell lint setup clean help \
	install install-user install-module install-dkms uninstall not-packaged sign deb

all: module lib cli tests

help:
	@echo 'Ready to run; these install what they need first:'
	@echo '  demo        build, boot a VM, send a file through a channel, measure'
	@echo '  check       every test, here and in the VM, and lint'
	@echo '  check-kernels'
	@echo '              the kselftests on each kernel of selftests/vm/kernels;'
	@echo '              check KERNEL=<its name> runs them on one'
	@echo '  check-debug the kernel tests on kernels that check memory, locks and races,'
	@echo '              built at first (10 minutes each)'
	@echo '  check-install'
	@echo '              the Debian packages installed, used, upgraded and purged'
	@echo '  check-all   these four at once; with CORE=1 sooner, for on most kernels the tests'
	@echo '              of library and command and storms are left out, the packages are made'
	@echo '              and not installed, and the others are shorter;'
	@echo '              installs Chromium, to look at the page of the benchmark'
	@echo '  fuzz        calls of /dev/ipcchan that nobody thought of, on a kernel that checks'
	@echo '              memory and locks, guided by what they cover; for SECONDS=300, or with'
	@echo '              REPLAY=<file of programs>, as it leaves them, these so many times;'
	@echo '              with CPUS=1 in a machine of one processor'
	@echo '  bench-insn  the benchmark in instructions instead of nanoseconds,'
	@echo '              and whether ipcchan is as fast as it should be'
	@echo '  bench-rings the rings, those of Boost, Concurrency Kit and DPDK, and what no'
	@echo '              ring can be faster than, side by side on two CPUs of this machine;'
	@echo '              with RUNS=, SECONDS= (of a run), CPUS=<two>, QUICK=1'
	@echo '  shell       an interactive shell in the VM'
	@echo '  lab-N       a shell in the VM with lab N of Documentation/labs, of which build/labs/N'
	@echo '              gets a copy to work in; with SOLUTION=1 with the solution'
	@echo '  lab-N-check which of its points that copy has, or the solution'
	@echo 'Installing, with DESTDIR=, prefix= and the like (see Documentation/install.rst):'
	@echo '  install     module, library, command and what udev and others read;'
	@echo '              install-user: all but the module'
	@echo '  install-dkms'
	@echo '              the module by DKMS, which builds it for later kernels, too'
	@echo '  uninstall   what any of these installed'
	@echo '  sign        sign the module, for Secure Boot; with KEY=, CERT='
	@echo '  deb         Debian packages, in build/deb'
	@echo 'Parts:'
	@echo '  all         module, lib, cli, tests (the default)'
	@echo '  module      the kernel module, for one kernel (see KREL=)'
	@echo '  lib         libipcchan'
	@echo '  cli         the command ipcchan'
	@echo '  tests       the test programs'
	@echo '  lint        sparse, coccinelle, clang, checkpatch, kernel-doc and more'
	@echo '  setup       install the Debian packages that are missing'
	@echo '  clean       remove build/, but not what was done there for the labs'
	@echo 'Options: KREL=<kernel release>, whose headers must be installed; the guest runs it'
	@echo '  KUNIT=1, with module: the KUnit tests too, for a kernel that has KUnit'

# Kbuild leaves its output beside the sources: it gets a folder of links to them,
# one for each kernel release.
module:
	@$(VM)/mirror.sh $(KOUT)
	$(MAKE) -C $(KDIR) M=$(KOUT) modules

lib:
	$(MAKE) -C user/lib O=$(BUILD)/user/lib all

cli: lib
	$(MAKE) -C user/cli O=$(BUILD)/user/cli all

kselftest:
	@$(VM)/ksource.sh $(BUILD)/kselftest

tests: kselftest lib cli
	$(MAKE) -C selftests/ipcchan KSFT_DIR=$(KSFT_DIR) O=$(BUILD)/selftests/ipcchan all
	$(MAKE) -C selftests/host O=$(BUILD)/selftests/host all
	$(MAKE) -C selftests/fuzz O=$(BUILD)/selftests/fuzz all

# What the command line says of places goes on to these by itself. Where there is a module of
# DKMS nothing of all is installed.
install: not-packaged
	@$(MAKE) -s --no-print-directory -C user/dist RELEASE=$(RELEASE) no-dkms
	$(MAKE) install-user install-module

# All of them, before one of them installs or removes something
not-packaged:
	+@for part in $(if $(DESTDIR),,lib cli python dist); do \
		$(MAKE) -s --no-print-directory -C user/$$part not-packaged || exit; \
	done

install-user: not-packaged lib cli
	$(MAKE) -C user/lib O=$(BUILD)/user/lib install
	$(MAKE) -C user/cli O=$(BUILD)/user/cli install
	$(MAKE) -C user/python install
	$(MAKE) -C user/dist install

install-module: module
	$(MAKE) -C user/dist FILE=$(KOUT)/ipcchan.ko RELEASE=$(RELEASE) install-module

install-dkms:
	$(MAKE) -C user/dist $(if $(KREL),KREL=$(KREL)) install-dkms

uninstall: not-packaged
	$(MAKE) -C user/lib uninstall
	$(MAKE) -C user/cli uninstall
	$(MAKE) -C user/python uninstall
	$(MAKE) -C user/dist uninstall uninstall-dkms uninstall-module

# DKMS has them there, too: one key to enroll.
sign: KEY = /var/lib/dkms/mok.key
sign: CERT = /var/lib/dkms/mok.pub
sign: module
	user/dist/sign.sh $(KDIR) $(KEY) $(CERT) $(KOUT)/ipcchan.ko

deb:
	@$(VM)/setup.sh deb
	+@$(LOCK) $@ user/dist/deb.sh $(BUILD)/deb

setup:
	@$(VM)/setup.sh

demo: setup
	+@$(LOCK) $@ $(VM)/demo.sh

bench-insn: setup
	+@$(LOCK) $@ $(VM)/bench-insn.sh

bench-rings: setup
	+@$(LOCK) $@ selftests/run-bench-rings.sh $(if $(RUNS),--runs $(RUNS)) \
		$(if $(SECONDS),--duration $(SECONDS)) $(if $(CPUS),--cpus $(CPUS)) \
		$(if $(QUICK),--quick)

fuzz: setup
	+@$(LOCK) $@ selftests/run-fuzz.sh $(if $(REPLAY),--replay $(REPLAY)) $(SECONDS)

check-debug: setup
	+@$(LOCK) $@ selftests/run-check-debug.sh

ifeq ($(KERNEL),)
check: setup
	+@$(LOCK) $@ selftests/run-check.sh
else
check: check-kernels
endif

check-kernels:
	@$(VM)/setup.sh kernels
	+@$(LOCK) $@ $(MAKE) lib cli tests
	+@$(LOCK) $@ selftests/run-kernels.sh $(KERNEL)

check-install:
	@$(VM)/setup.sh kernels
	@$(VM)/setup.sh deb
	+@$(LOCK) $@ selftests/run-install.sh

check-all: setup
	@$(VM)/setup.sh kernels
	@$(VM)/setup.sh deb
	@$(VM)/setup.sh browser
	+@$(LOCK) $@ selftests/run-check-all.sh

lint:
	+@$(LOCK) $@ selftests/run-lint.sh

shell: setup
	@$(VM)/kernel.sh image >/dev/null
	+@$(LOCK) $@ $(MAKE) module cli
	@$(VM)/run --cpus 2 --shell

# A shell may stay open while the lab is built again elsewhere.
lab-%: setup
	@$(VM)/kernel.sh image >/dev/null
	+@$(LOCK) $@ $(VM)/lab.sh $* --build $(if $(SOLUTION),--solution)
	@$(VM)/lab.sh $* $(if $(SOLUTION),--solution)

lab-%-check: setup
	@$(VM)/kernel.sh image >/dev/null
	+@$(LOCK) $@ $(VM)/lab.sh $* --check $(if $(SOLUTION),--solution)

clean:
	@$(LOCK) $@ find $(BUILD) -mindepth 1 -maxdepth 1 ! -name lock ! -name labs -exec rm -rf {} +
