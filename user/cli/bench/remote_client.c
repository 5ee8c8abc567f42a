// SPDX-License-Identifier: GPL-2.0
/* The session, on the side that drives. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote.h"
#include "remote_addr.h"
#include "remote_wire.h"
#include "transports/tcp_link.h"

#define CONNECT_MS	5000

/* A session that ended takes the other side a moment to notice */
#define AGAIN_TIMES	20
#define AGAIN_MS	50

static const char *peer_name;
static int session = -1;

/* Return: 0; negative errno */
static int connect_within(int fd, const struct addrinfo *to)
{
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int err = 0;

	if (!connect(fd, to->ai_addr, to->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS)
		return -errno;
	if (poll(&ready, 1, CONNECT_MS) != 1)
		return -ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -errno;
	return -err;
}

static int dial_one(const struct addrinfo *to, size_t bytes)
{
	int fd = socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), err;

	if (fd < 0)
		return -errno;
	err = bytes ? tcp_set_buffers(fd, bytes) : 0;
	if (!err)
		err = tcp_no_delay(fd);
	if (!err)
		err = connect_within(fd, to);
	if (!err && fcntl(fd, F_SETFL, 0))
		err = -errno;
	if (!err)
		return fd;
	close(fd);
	return err;
}

int remote_dial(size_t bytes, char *why)
{
	struct addrinfo *list, *to;
	const char *wrong = remote_addr(peer_name, false, &list);
	int fd = -ENOENT;

	if (wrong) {
		snprintf(why, WHY_SIZE, "%.80s: %s", peer_name, wrong);
		return -EINVAL;
	}
	for (to = list; to && fd < 0; to = to->ai_next)
		fd = dial_one(to, bytes);
	freeaddrinfo(list);
	if (fd < 0)
		snprintf(why, WHY_SIZE, "%.80s: %s%s", peer_name, strerror(-fd),
			 fd == -ECONNREFUSED ? ": is ipcchan bench --listen running there?" : "");
	return fd;
}

static int begin(char *why)
{
	enum remote_type type = REMOTE_HELLO;
	uint64_t word = 0;
	int err;

	session = remote_dial(0, why);
	if (session < 0)
		return session;
	err = remote_hello(session);
	if (!err)
		err = remote_recv_first(session, &type, &word, CONNECT_MS);
	if (!err && type == REMOTE_BUSY)
		err = -EBUSY;
	else if (!err && type != REMOTE_HELLO)
		err = -EPROTO;
	else if (!err && word != remote_hello_word())
		err = -EPROTONOSUPPORT;
	if (!err)
		return 0;
	snprintf(why, WHY_SIZE, "%.60s: %s", peer_name, remote_explain(err));
	remote_drop();
	return err;
}

int remote_connect(const char *peer, char *why)
{
	peer_name = peer;
	return begin(why);
}

int remote_session(char *why)
{
	int err = 0, i;

	for (i = 0; session < 0 && i < AGAIN_TIMES; i++) {
		if (i)
			poll(NULL, 0, AGAIN_MS);
		err = begin(why);
		if (err && err != -EBUSY)
			return err;
	}
	return session < 0 ? err : session;
}

void remote_drop(void)
{
	if (session >= 0)
		close(session);
	session = -1;
}
