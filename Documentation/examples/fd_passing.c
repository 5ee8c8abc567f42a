// SPDX-License-Identifier: MIT
/*
 * Descriptor passing: a message takes one end of a pipe along.
 *
 *	cc fd_passing.c -o fd_passing $(pkg-config --cflags --libs libipcchan) && ./fd_passing
 *
 * Prints:
 *	"a pipe" and 1 descriptor, which says: only we two know of this
 */
#include <err.h>
#include <stdio.h>
#include <unistd.h>

#include <ipcchan.h>

static void check(const char *what, ssize_t ret)
{
	if (ret < 0)
		errx(1, "%s: %s", what, strerror((int)-ret));
}

static void send_pipe(struct ipcchan *chan)
{
	struct ipcchan_msghdr msg;
	int ends[2];

	if (pipe(ends) || write(ends[1], "only we two know of this", 24) < 0)
		err(1, "pipe");
	ipcchan_msg_init(&msg, "a pipe", 6);
	ipcchan_msg_fds(&msg, ends, 1);
	check("send", ipcchan_send_msg(chan, &msg, 0, IPCCHAN_WAIT_FOREVER));
}

int main(void)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_ANON };
	char name[100], text[100];
	struct ipcchan_msghdr msg;
	struct ipcchan *chan;
	int len, fd = -1;

	check("open", ipcchan_open(&chan, NULL, &opts));
	switch (fork()) {
	case -1:
		err(1, "fork");
	case 0:
		send_pipe(chan);
		return 0;
	}
	ipcchan_msg_init(&msg, name, sizeof(name));
	ipcchan_msg_fds(&msg, &fd, 1);
	check("recv", ipcchan_recv_msg(chan, &msg, 0, IPCCHAN_WAIT_FOREVER));
	len = (int)read(fd, text, sizeof(text));
	if (len < 0)
		err(1, "read");
	printf("\"%.*s\" and %u descriptor, which says: %.*s\n", (int)msg.len, name, msg.nr_fds,
	       len, text);
	return 0;
}
