# SPDX-License-Identifier: MIT
#
# Included by the Makefiles that install, which set ROOT: the version, and where things
# go, by the names of the GNU coding standards. PREFIX is another name of prefix.

VERSION := $(shell sed -n 's/^MODULE_VERSION("\(.*\)");$$/\1/p' $(ROOT)/kmod/main.c)
ifeq ($(VERSION),)
$(error there is no MODULE_VERSION in $(ROOT)/kmod/main.c)
endif

PREFIX ?= /usr/local
prefix = $(PREFIX)
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
libdir = $(exec_prefix)/lib
includedir = $(prefix)/include
datarootdir = $(prefix)/share
mandir = $(datarootdir)/man
localedir = $(datarootdir)/locale
pkgconfigdir = $(libdir)/pkgconfig
completionsdir = $(datarootdir)/bash-completion/completions

# Where Debian's Python looks: below /usr for any version of it, elsewhere for its own one.
PYTHON := $(or $(shell /usr/bin/python3 -c \
	'import sys; print("python%d.%d" % sys.version_info[:2])' 2>/dev/null),python3)
pythondir = $(prefix)/lib/$(if $(filter /usr,$(prefix)),python3,$(PYTHON))/dist-packages

# What systemd, udev and kmod read: below /usr/local/lib, /usr/lib and /etc only.
sysusersdir = $(prefix)/lib/sysusers.d
udevrulesdir = $(prefix)/lib/udev/rules.d
modprobedir = $(prefix)/lib/modprobe.d
modulesloaddir = $(prefix)/lib/modules-load.d

# Where the kernel's tools look, whatever the prefix
modulesdir = /lib/modules
usrsrcdir = /usr/src

# What follows a blank would be another place, where files are removed, too; and where a
# relative one is depends on the Makefile.
PLACES := DESTDIR prefix exec_prefix bindir libdir includedir datarootdir mandir localedir pkgconfigdir \
	completionsdir pythondir sysusersdir udevrulesdir modprobedir modulesloaddir modulesdir usrsrcdir
$(foreach place,$(PLACES), \
	$(if $(filter-out 1,$(words x$($(place))x)),$(error a blank in $(place): '$($(place))')) \
	$(if $(filter-out /%,$($(place))),$(error no absolute path in $(place): '$($(place))')))

INSTALL = install
INSTALL_PROGRAM = $(INSTALL) -m 755
INSTALL_DATA = $(INSTALL) -m 644

# What a package has is left to it: each Makefile says in INSTALLED what it installs.
not_packaged = [ -n "$(DESTDIR)" ] || $(ROOT)/user/dist/not-packaged.sh $(1)

.PHONY: not-packaged
not-packaged:
	@$(call not_packaged,$(INSTALLED))

# The first target of a Makefile is one of its own.
.DEFAULT_GOAL :=
