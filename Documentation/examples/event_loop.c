// SPDX-License-Identifier: MIT
/*
 * An event loop: one thread waits for two channels at once, until their senders have left.
 *
 *	cc event_loop.c -o event_loop $(pkg-config --cflags --libs libipcchan) && ./event_loop
 *
 * Prints:
 *	3 messages on the first channel, 5 on the second
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>

#include <ipcchan.h>

static void check(const char *what, ssize_t ret)
{
	if (ret < 0)
		errx(1, "%s: %s", what, strerror((int)-ret));
}

int main(void)
{
	struct ipcchan_opts recv = { .flags = IPCCHAN_ATTACH_ANON, .role = IPCCHAN_ROLE_RECV,
				     .options = IPCCHAN_OPT_HANGUP, .nonblock = 1 };
	struct ipcchan_opts send = { .flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_SEND };
	struct epoll_event event = { .events = EPOLLIN };
	int i, got[2] = { 0 }, at_end = 0, loop = epoll_create1(0);
	struct ipcchan *in[2], *out;
	char msg[100];
	ssize_t len;

	for (i = 0; i < 2; i++) {
		check("open", ipcchan_open(&in[i], NULL, &recv));
		send.fd = ipcchan_fd(in[i]);
		event.data.u32 = i;
		if (epoll_ctl(loop, EPOLL_CTL_ADD, send.fd, &event))
			err(1, "epoll_ctl");
		check("join", ipcchan_open(&out, NULL, &send));
		for (len = 0; len < 3 + 2 * i; len++)
			check("send", ipcchan_send(out, "a message", 9));
		ipcchan_close(out);
	}
	while (at_end < 2) {
		if (epoll_wait(loop, &event, 1, -1) < 0)
			err(1, "epoll_wait");
		i = event.data.u32;
		while ((len = ipcchan_recv(in[i], msg, sizeof(msg))) > 0)
			got[i]++;
		if (len != -EAGAIN)
			check("recv", len);
		if (len == 0 && epoll_ctl(loop, EPOLL_CTL_DEL, ipcchan_fd(in[i]), NULL))
			err(1, "epoll_ctl");
		at_end += len == 0;
	}
	printf("%d messages on the first channel, %d on the second\n", got[0], got[1]);
	return 0;
}
