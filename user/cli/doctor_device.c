// SPDX-License-Identifier: GPL-2.0
/* Doctor: can this user talk to the module, and does it answer rightly? */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <ipcchan.h>

#include "doctor.h"
#include "nl.h"
#include "sysroot.h"

static void report_denied(struct doctor *doc, const struct stat *st)
{
	const struct group *gr = getgrgid(st->st_gid);
	char group[64], advice[256];

	if (gr)
		snprintf(group, sizeof(group), "%s", gr->gr_name);
	else
		snprintf(group, sizeof(group), "%u", st->st_gid);
	if (st->st_gid && (st->st_mode & 0060) == 0060)
		snprintf(advice, sizeof(advice),
			 "join the group: \"sudo usermod -aG %s $USER\", then log in "
			 "again; or run the command with sudo", group);
	else
		snprintf(advice, sizeof(advice),
			 "run the command with sudo, or open the device to all until the "
			 "module is loaded again: \"sudo chmod 0666 %s\"",
			 IPCCHAN_DEV_PATH);
	doctor_report(doc, "device", CHECK_FAIL, advice,
		      "user %u may not open %s (owner %u, group %s, mode %04o)",
		      geteuid(), IPCCHAN_DEV_PATH, st->st_uid, group,
		      st->st_mode & 07777);
}

static void report_no_node(struct doctor *doc)
{
	static const char dev[] = "/sys/class/misc/ipcchan/dev";
	unsigned int major, minor;
	char numbers[32], advice[160];

	if (doc->container)
		snprintf(advice, sizeof(advice),
			 "give the container the device, as in \"docker run --device %s\"",
			 IPCCHAN_DEV_PATH);
	else if (sysroot_read_line(dev, numbers, sizeof(numbers)) &&
		 sscanf(numbers, "%u:%u", &major, &minor) == 2)
		snprintf(advice, sizeof(advice),
			 "mount a devtmpfs on /dev, or make it: \"sudo mknod %s c %u %u\"",
			 IPCCHAN_DEV_PATH, major, minor);
	else
		snprintf(advice, sizeof(advice),
			 "see what the kernel said: \"sudo dmesg | grep ipcchan\"");
	doctor_report(doc, "device", CHECK_FAIL, advice,
		      "the module is loaded, but there is no %s", IPCCHAN_DEV_PATH);
}

static void report_open_error(struct doctor *doc, int err)
{
	if (err == ENXIO || err == ENODEV)
		doctor_report(doc, "device", CHECK_FAIL,
			      "remove the node and load the module again",
			      "%s is a left-over: no driver answers behind it",
			      IPCCHAN_DEV_PATH);
	else
		doctor_report(doc, "device", CHECK_FAIL,
			      "see what the kernel said: \"sudo dmesg | grep ipcchan\"",
			      "%s cannot be opened: %s", IPCCHAN_DEV_PATH, strerror(err));
}

void doctor_check_device(struct doctor *doc)
{
	char path[PATH_MAX];
	struct stat st;
	int fd;

	if (doctor_skip_unless(doc, "device", doc->loaded, "the module is not loaded"))
		return;
	if (stat(sysroot_path(IPCCHAN_DEV_PATH, path), &st)) {
		report_no_node(doc);
		return;
	}
	fd = open(path, O_RDWR | O_CLOEXEC);
	doc->device = fd >= 0;
	if (doc->device) {
		close(fd);
		doctor_report(doc, "device", CHECK_OK, NULL,
			      "%s can be opened to send and to receive", IPCCHAN_DEV_PATH);
	} else if (errno == EACCES || errno == EPERM) {
		report_denied(doc, &st);
	} else {
		report_open_error(doc, errno);
	}
}

/* Not ipcchan_query(): the device may lie below a root of its own. */
static int query(struct ipcchan_query *q)
{
	char path[PATH_MAX];
	int fd, ret;

	memset(q, 0, sizeof(*q));
	fd = open(sysroot_path(IPCCHAN_DEV_PATH, path), O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno;
	ret = ioctl(fd, IPCCHAN_IOC_QUERY, q) < 0 ? errno : 0;
	close(fd);
	return ret;
}

void doctor_check_abi(struct doctor *doc)
{
	struct ipcchan_query q;
	int err;

	if (doctor_skip_unless(doc, "abi", doc->device, "the device cannot be opened"))
		return;
	err = query(&q);
	doc->abi = !err && q.abi_version == IPCCHAN_ABI_VERSION;
	if (doc->abi)
		doctor_report(doc, "abi", CHECK_OK, NULL,
			      "module and command both speak ABI version %u",
			      q.abi_version);
	else if (!err)
		doctor_report(doc, "abi", CHECK_FAIL,
			      "build both from the same sources, then \"sudo rmmod "
			      "ipcchan\" and load the new module",
			      "the module speaks ABI version %u, this command version %u",
			      q.abi_version, IPCCHAN_ABI_VERSION);
	else
		doctor_report(doc, "abi", CHECK_FAIL,
			      "look what took its place: \"ls -l /dev/ipcchan\", remove it "
			      "and load the module again",
			      "%s does not answer as ipcchan does: %s", IPCCHAN_DEV_PATH,
			      strerror(err));
}

void doctor_check_netlink(struct doctor *doc)
{
	uint32_t version;
	int err;

	if (doctor_skip_unless(doc, "netlink", doc->loaded, "the module is not loaded") ||
	    doctor_skip_unless(doc, "netlink", sysroot_is_live(),
			       "not the running system"))
		return;
	err = nl_probe(&version);
	if (!err && version == IPCCHAN_GENL_VERSION)
		doctor_report(doc, "netlink", CHECK_OK, NULL,
			      "the family \"%s\" answers, version %u", IPCCHAN_GENL_NAME,
			      version);
	else if (!err)
		doctor_report(doc, "netlink", CHECK_WARN,
			      "build module and command from the same sources",
			      "the family \"%s\" has version %u, this command knows %u",
			      IPCCHAN_GENL_NAME, version, IPCCHAN_GENL_VERSION);
	else
		doctor_report(doc, "netlink", CHECK_FAIL,
			      "a sandbox may forbid netlink; otherwise load the module "
			      "again; \"list\" and \"show\" need it",
			      "the generic netlink family \"%s\" is not reachable: %s",
			      IPCCHAN_GENL_NAME,
			      err == -ENOPKG ? "it does not exist" : strerror(-err));
}
