// SPDX-License-Identifier: GPL-2.0
/* Doctor: can this kernel have the module, and has it got it? */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "sysroot.h"

#define OLDEST_MAJOR	5
#define OLDEST_MINOR	10

#define SECURE_BOOT \
	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"

#define USE_VM	"use the virtual machine instead: \"make demo\", or \"make shell\", " \
		"in the source tree"

void doctor_check_kernel(struct doctor *doc)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (!sysroot_read_line("/proc/sys/kernel/osrelease", doc->release,
			       sizeof(doc->release)) &&
	    sysroot_is_live() && !uname(&uts))
		snprintf(doc->release, sizeof(doc->release), "%s", uts.release);
	if (sscanf(doc->release, "%u.%u", &major, &minor) != 2)
		doctor_report(doc, "kernel", CHECK_FAIL, "mount /proc",
			      "the release of the kernel cannot be read");
	else if (major < OLDEST_MAJOR ||
		 (major == OLDEST_MAJOR && minor < OLDEST_MINOR))
		doctor_report(doc, "kernel", CHECK_FAIL, "upgrade the kernel",
			      "Linux %s is older than %d.%d", doc->release,
			      OLDEST_MAJOR, OLDEST_MINOR);
	else
		doctor_report(doc, "kernel", CHECK_OK, NULL, "Linux %s", doc->release);
}

static const char *container_reason(void)
{
	char text[4096];
	ssize_t len;

	if (sysroot_exists("/.dockerenv"))
		return "/.dockerenv exists";
	if (sysroot_exists("/run/.containerenv"))
		return "/run/.containerenv exists";
	if (sysroot_exists("/run/systemd/container"))
		return "/run/systemd/container exists";
	len = sysroot_read("/proc/1/environ", text, sizeof(text));
	for (ssize_t i = 0; i < len; i += strlen(text + i) + 1)
		if (!strncmp(text + i, "container=", strlen("container=")))
			return "process 1 has the variable \"container\"";
	if (sysroot_read("/proc/1/cgroup", text, sizeof(text)) > 0 &&
	    (strstr(text, "docker") || strstr(text, "kubepods") || strstr(text, "/lxc")))
		return "process 1 is in a container's control group";
	return NULL;
}

void doctor_check_container(struct doctor *doc)
{
	doc->container = container_reason();
	if (!doc->container)
		doctor_report(doc, "container", CHECK_OK, NULL, "not in a container");
	else if (sysroot_exists("/sys/module/ipcchan"))
		doctor_report(doc, "container", CHECK_OK, NULL,
			      "in a container (%s), the host has the module loaded",
			      doc->container);
	else
		doctor_report(doc, "container", CHECK_WARN,
			      "load the module on the host and give the container the "
			      "device, as in \"docker run --device /dev/ipcchan\"",
			      "in a container (%s): it uses the kernel of its host and "
			      "cannot load a module itself", doc->container);
}

/* The line of an option of the kernel's configuration, where that is known. */
static bool kernel_config(const struct doctor *doc, const char *option, char *line,
			  size_t size)
{
	char path[128];

	snprintf(path, sizeof(path), "/boot/config-%s", doc->release);
	return sysroot_find_line("/proc/config.gz", option, line, size) ||
	       sysroot_find_line(path, option, line, size);
}

void doctor_check_modules(struct doctor *doc)
{
	static const char no_modules[] =
		"boot a kernel that has modules, as Debian's linux-image-amd64 or "
		"linux-image-arm64, or " USE_VM;
	char line[128], disabled[8];

	doc->modules = sysroot_exists("/proc/modules");
	if (!doc->modules && kernel_config(doc, "CONFIG_MODULES=y", line, sizeof(line)))
		doctor_report(doc, "modules", CHECK_FAIL,
			      "mount /proc; in a container or sandbox that hides it, use "
			      "the host",
			      "the kernel was built with modules, yet /proc/modules is "
			      "missing");
	else if (!doc->modules &&
		 kernel_config(doc, "# CONFIG_MODULES ", line, sizeof(line)))
		doctor_report(doc, "modules", CHECK_FAIL, no_modules,
			      "the kernel was built without modules (CONFIG_MODULES is not "
			      "set)");
	else if (!doc->modules)
		doctor_report(doc, "modules", CHECK_FAIL, no_modules,
			      "the kernel has no modules (there is no /proc/modules)");
	else if (!sysroot_exists("/sys/module/ipcchan") &&
		 sysroot_read_line("/proc/sys/kernel/modules_disabled", disabled,
				   sizeof(disabled)) && !strcmp(disabled, "1"))
		doctor_report(doc, "modules", CHECK_FAIL,
			      "reboot, and load the module before whatever sets "
			      "kernel.modules_disabled",
			      "loading was switched off until the next boot "
			      "(kernel.modules_disabled is 1)");
	else
		doctor_report(doc, "modules", CHECK_OK, NULL,
			      "the kernel can load modules");
}

static bool secure_boot(void)
{
	/* four bytes of attributes, then the value */
	char var[8];

	return sysroot_read(SECURE_BOOT, var, sizeof(var)) == 5 && var[4] == 1;
}

/* Why unsigned modules are refused, NULL when they are not. */
static const char *signing_reason(const struct doctor *doc)
{
	char text[128];

	if (sysroot_read_line("/sys/kernel/security/lockdown", text, sizeof(text))) {
		if (strstr(text, "[integrity]"))
			return "lockdown is \"integrity\"";
		if (strstr(text, "[confidentiality]"))
			return "lockdown is \"confidentiality\"";
	}
	if (sysroot_read_line("/sys/module/module/parameters/sig_enforce", text,
			      sizeof(text)) && text[0] == 'Y')
		return "module.sig_enforce is set";
	if (kernel_config(doc, "CONFIG_MODULE_SIG_FORCE=y", text, sizeof(text)))
		return "the kernel was built with CONFIG_MODULE_SIG_FORCE";
	return NULL;
}

void doctor_check_signing(struct doctor *doc)
{
	const char *reason = signing_reason(doc);
	bool secure = secure_boot();

	if (doctor_skip_unless(doc, "signing", doc->modules,
			       "matters only where there are modules"))
		return;
	if (!reason && !secure)
		doctor_report(doc, "signing", CHECK_OK, NULL,
			      "unsigned modules are accepted");
	else if (!reason)
		doctor_report(doc, "signing", CHECK_WARN, NULL,
			      "Secure Boot is on, but this kernel does not seem to demand "
			      "signed modules");
	else if (sysroot_exists("/sys/module/ipcchan"))
		doctor_report(doc, "signing", CHECK_OK, NULL,
			      "%s%s, and the module was accepted",
			      secure ? "Secure Boot is on, " : "", reason);
	else
		doctor_report(doc, "signing", CHECK_FAIL,
			      "have the module signed (by DKMS, or \"sudo make sign\" in the "
			      "source tree) and enroll the key, \"sudo mokutil --import "
			      "/var/lib/dkms/mok.pub\", or switch Secure Boot off in the "
			      "firmware's set-up, or " USE_VM,
			      "unsigned modules are refused: %s%s",
			      secure ? "Secure Boot is on, " : "", reason);
}

/* Says how to load the module @file, that is there and not loaded. */
static void report_loadable(struct doctor *doc, const char *file, bool installed)
{
	char advice[PATH_MAX + 64];

	if (installed)
		snprintf(advice, sizeof(advice), "load it: \"sudo modprobe ipcchan\"");
	else
		snprintf(advice, sizeof(advice), "load it: \"sudo insmod %s\"", file);
	doctor_report(doc, "module", CHECK_FAIL, advice,
		      "not loaded; built for this kernel: %s", file);
}

/* Nothing is built for this kernel: can it be, and for which was it? */
static void report_unbuilt(struct doctor *doc)
{
	char path[128], other[PATH_MAX], advice[256], old[PATH_MAX + 64] = "";

	if (sysroot_glob("/lib/modules/*/{extra,updates,updates/dkms}/ipcchan.ko*", other,
			 sizeof(other)))
		snprintf(old, sizeof(old), " (there is one for another kernel, %s)", other);
	snprintf(path, sizeof(path), "/lib/modules/%s/build", doc->release);
	if (sysroot_exists(path)) {
		doctor_report(doc, "module", CHECK_FAIL,
			      "build and load it in the source tree: \"make\", then \"sudo "
			      "insmod\" with the ipcchan.ko that it made",
			      "not loaded, and not built for this kernel%s", old);
		return;
	}
	snprintf(advice, sizeof(advice),
		 "\"sudo apt-get install linux-headers-%.64s\" (a kernel that has no such "
		 "package cannot have the module), or " USE_VM, doc->release);
	doctor_report(doc, "module", CHECK_FAIL, advice,
		      "not loaded, not built for this kernel%s, and the kernel's headers "
		      "are missing (%s)", old, path);
}

void doctor_check_module(struct doctor *doc)
{
	char pattern[192], file[PATH_MAX];

	doc->loaded = sysroot_exists("/sys/module/ipcchan");
	if (doc->loaded) {
		doctor_report(doc, "module", CHECK_OK, NULL, "loaded");
		return;
	}
	if (!doc->modules) {
		doctor_report(doc, "module", CHECK_FAIL, USE_VM,
			      "not loaded, and this kernel cannot load it");
		return;
	}
	snprintf(pattern, sizeof(pattern),
		 "/lib/modules/%.64s/{extra,updates,updates/dkms}/ipcchan.ko*",
		 doc->release);
	if (sysroot_glob(pattern, file, sizeof(file))) {
		report_loadable(doc, file, true);
		return;
	}
	snprintf(file, sizeof(file), "build/kmod/%s/ipcchan.ko", doc->release);
	if (sysroot_is_live() && !access(file, R_OK))
		report_loadable(doc, file, false);
	else
		report_unbuilt(doc);
}
