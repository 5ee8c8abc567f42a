// SPDX-License-Identifier: GPL-2.0
/*
 * Opens N endpoints of one channel, dumps all channels and all endpoints that there are,
 * and prints the time of each by CLOCK_MONOTONIC, which in a guest that counts instructions
 * is their number, and the slab memory that an endpoint takes.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/ipcchan.h>
#include <linux/ipcchan_netlink.h>

#define PART	32768

static struct nlmsghdr buf[PART / NLMSG_HDRLEN];

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static long long slab_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long long kib = -1;
	char line[128];

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "Slab: %lld", &kib);
	if (file)
		fclose(file);
	return kib * 1024;
}

/* With one attribute, or none where @len is 0. */
static int request(int fd, uint16_t family, uint8_t cmd, uint16_t flags, uint16_t type,
		   const void *value, uint16_t len)
{
	struct {
		struct nlmsghdr nlh;
		struct genlmsghdr genl;
		struct nlattr attr;
		char value[32];
	} r = {
		.nlh = {
			.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN) + (len ? NLA_HDRLEN + len : 0),
			.nlmsg_type = family, .nlmsg_flags = NLM_F_REQUEST | flags,
		},
		.genl = { .cmd = cmd, .version = 1 },
		.attr = { .nla_len = NLA_HDRLEN + len, .nla_type = type },
	};

	if (len)
		memcpy(r.value, value, len);
	return send(fd, &r, r.nlh.nlmsg_len, 0) < 0 ? -errno : 0;
}

static int family_of(int fd)
{
	struct nlattr *a;
	char *at, *end;
	ssize_t len;

	if (request(fd, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0, CTRL_ATTR_FAMILY_NAME,
		    IPCCHAN_GENL_NAME, sizeof(IPCCHAN_GENL_NAME)))
		return -1;
	len = recv(fd, buf, sizeof(buf), 0);
	if (len < (ssize_t)sizeof(*buf) || buf->nlmsg_type != GENL_ID_CTRL)
		return -1;
	end = (char *)buf + len;
	for (at = (char *)NLMSG_DATA(buf) + GENL_HDRLEN; at < end; at += NLA_ALIGN(a->nla_len)) {
		a = (struct nlattr *)at;
		if (a->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(uint16_t *)(a + 1);
	}
	return -1;
}

/* Return: how many messages, or negative errno. */
static long dump(int fd, uint16_t family, uint8_t cmd)
{
	long nr = 0;
	int left;

	if (request(fd, family, cmd, NLM_F_DUMP, 0, NULL, 0))
		return -EIO;
	for (;;) {
		struct nlmsghdr *nlh = buf;

		left = recv(fd, buf, sizeof(buf), 0);
		if (left < 0)
			return -errno;
		for (; NLMSG_OK(nlh, left); nlh = NLMSG_NEXT(nlh, left)) {
			if (nlh->nlmsg_type == NLMSG_DONE)
				return nr;
			if (nlh->nlmsg_type != family)
				return -EPROTO;
			nr++;
		}
	}
}

static int dump_timed(int fd, uint16_t family, uint8_t cmd, const char *what)
{
	uint64_t start = now_ns();
	long nr = dump(fd, family, cmd);

	if (nr < 0) {
		fprintf(stderr, "measure-dump: %s: %s\n", what, strerror(-nr));
		return 2;
	}
	printf("%ld %s: %llu ns each\n", nr, what,
	       (unsigned long long)(nr ? (now_ns() - start) / nr : 0));
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long want = argc == 2 ? strtoul(argv[1], NULL, 10) : 0, i;
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE, .name = "dumped", .role = IPCCHAN_ROLE_SEND,
	};
	struct rlimit files = { want + 64, want + 64 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC), family, ep;
	long long slab;

	if (!want) {
		fprintf(stderr, "usage: measure-dump N\n");
		return 1;
	}
	family = fd < 0 ? -1 : family_of(fd);
	if (family < 0 || setrlimit(RLIMIT_NOFILE, &files)) {
		perror("measure-dump");
		return 2;
	}
	slab = slab_bytes();
	for (i = 0; i < want; i++) {
		ep = open(IPCCHAN_DEV_PATH, O_RDWR | O_CLOEXEC);
		if (ep < 0 || ioctl(ep, IPCCHAN_IOC_ATTACH, &a)) {
			perror("measure-dump: endpoint");
			return 2;
		}
	}
	printf("%lu endpoints: %lld bytes of slab each\n", want,
	       (slab_bytes() - slab) / (long long)want);
	return dump_timed(fd, family, IPCCHAN_CMD_GET, "channels") ?:
	       dump_timed(fd, family, IPCCHAN_CMD_EP_GET, "endpoints");
}
