// SPDX-License-Identifier: GPL-2.0
/* Where recv takes messages from: the queue of a channel or its ring. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "source.h"

/*
 * A signal that comes just before a ring's wait does not interrupt it: waits
 * are cut into slices, so that it is noticed after one at the latest.
 */
#define RING_SLICE_NS	100000000LL

#define NS_PER_S	1000000000LL

volatile int source_stop;

static void on_signal(int sig)
{
	(void)sig;
	source_stop = 1;
}

void source_catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

static int open_queue(struct source *src, bool create)
{
	struct ipcchan_opts opts = {
		.flags = create ? IPCCHAN_ATTACH_CREATE : 0,
		.role = IPCCHAN_ROLE_RECV,
		.nonblock = 1,
	};
	struct ipcchan_info info;
	int err;

	err = ipcchan_open(&src->chan, src->name, &opts);
	if (err)
		return err;
	err = ipcchan_get_info(src->chan, &info);
	if (err)
		goto close_chan;
	src->size = info.max_msg_size;
	src->buf = malloc(src->size);
	if (src->buf)
		return 0;
	err = -ENOMEM;
close_chan:
	ipcchan_close(src->chan);
	return err;
}

int source_open(struct source *src, bool create)
{
	int err;

	if (src->ring)
		return ring_chan_open(&src->rc, src->verb, src->name,
				      IPCCHAN_RING_CONSUMER, create);
	err = open_queue(src, create);
	return err ? cli_error_chan(src->verb, src->name, err) : EXIT_OK;
}

ssize_t source_next(struct source *src, size_t room, const void **msg)
{
	ssize_t n;

	if (src->ring) {
		n = ipcchan_ring_peek(&src->rc.ring, msg);
		return n > 0 && (size_t)n > room ? -EMSGSIZE : n;
	}
	*msg = src->buf;
	return ipcchan_recv(src->chan, src->buf, room < src->size ? room : src->size);
}

int source_release(struct source *src)
{
	return src->ring ? ipcchan_ring_release(&src->rc.ring) : 0;
}

static int wait_queue(struct source *src, int64_t timeout_ns)
{
	struct pollfd pfd = { .fd = ipcchan_fd(src->chan), .events = POLLIN };
	struct timespec ts = {
		.tv_sec = timeout_ns / NS_PER_S,
		.tv_nsec = timeout_ns % NS_PER_S,
	};
	sigset_t stop, before;
	int n = -1, err = EINTR;

	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	sigprocmask(SIG_BLOCK, &stop, &before);
	if (!source_stop) {
		n = ppoll(&pfd, 1, timeout_ns < 0 ? NULL : &ts, &before);
		err = errno;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (n < 0)
		return -err;
	return n ? 0 : -ETIMEDOUT;
}

static int wait_ring(struct source *src, int64_t timeout_ns)
{
	bool cut = timeout_ns < 0 || timeout_ns > RING_SLICE_NS;
	int err;

	if (source_stop)
		return -EINTR;
	err = ipcchan_ring_wait(&src->rc.ring, 0, cut ? RING_SLICE_NS : timeout_ns);
	if (source_stop)
		return -EINTR;
	return err == -ETIMEDOUT && cut ? 0 : err;
}

int source_wait(struct source *src, int64_t timeout_ns)
{
	return src->ring ? wait_ring(src, timeout_ns) : wait_queue(src, timeout_ns);
}

void source_close(struct source *src)
{
	if (src->ring)
		ring_chan_close(&src->rc);
	else
		ipcchan_close(src->chan);
	free(src->buf);
}
