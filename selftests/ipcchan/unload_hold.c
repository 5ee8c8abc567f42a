// SPDX-License-Identifier: GPL-2.0
/*
 * Hold one thing of the module and nothing else, for unload_test.sh:
 *
 *	unload_hold map		a mapping of a shared buffer, its descriptor closed
 *	unload_hold flight	a descriptor that is only in a socket's queue, and watched
 *	unload_hold create NAME	nothing: create an empty named channel and leave
 *	unload_hold unlink NAME	remove a name and leave
 *	unload_hold family	nothing: is there the netlink family?
 *
 * "map" and "flight" print "held" and end when standard input does.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "genl.h"
#include "util.h"

static int hold_map(void)
{
	struct ipcchan_attach limits = { .buf_size = 65536 };
	int fd = chan_anon(&limits);
	char *map;

	if (fd < 0)
		return fd;
	map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -1;
	strcpy(map, "still here");
	return 0;
}

/* The descriptor is in flight in a socket's queue, and watched. */
static int hold_in_flight(void)
{
	union {
		struct cmsghdr hdr;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .hdr = {
		.cmsg_len = CMSG_LEN(sizeof(int)),
		.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
	} };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct epoll_event ev = { .events = EPOLLIN };
	int fd = chan_anon(NULL), ep = epoll_create1(0), pair[2];

	if (fd < 0 || ep < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	memcpy(CMSG_DATA(&control.hdr), &fd, sizeof(fd));
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev) || sendmsg(pair[0], &msg, 0) != 1)
		return -1;
	return close(fd);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int ret, c;

	if (argc == 3 && !strcmp(what, "create"))
		return chan_named(argv[2], O_RDWR, IPCCHAN_ATTACH_CREATE) < 0;
	if (argc == 3 && !strcmp(what, "unlink"))
		return chan_unlink(argv[2]) < 0;
	if (argc == 2 && !strcmp(what, "family"))
		return chan_count() < 0;
	if (argc == 2 && !strcmp(what, "map")) {
		ret = hold_map();
	} else if (argc == 2 && !strcmp(what, "flight")) {
		ret = hold_in_flight();
	} else {
		fprintf(stderr, "usage: unload_hold map|flight|create NAME|unlink NAME|family\n");
		return 1;
	}
	if (ret < 0) {
		fprintf(stderr, "unload_hold: cannot hold a %s\n", what);
		return 2;
	}
	printf("held\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return 0;
}
