// SPDX-License-Identifier: GPL-2.0
/* What send and recv have in common: byte streams and the summary. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "transfer.h"

#define READ_AHEAD	65536
#define READ_AHEAD_MAX	(1U << 20)

uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void transfer_start(struct transfer *t)
{
	memset(t, 0, sizeof(*t));
	t->start_ns = clock_ns();
}

void transfer_summary(const struct transfer *t, const char *verb, const char *done)
{
	fprintf(stderr, "%s: %s %llu messages, %llu bytes in %.6f seconds\n", verb,
		done, (unsigned long long)t->msgs, (unsigned long long)t->bytes,
		(clock_ns() - t->start_ns) / 1e9);
}

int input_open(struct input *in, const char *path)
{
	memset(in, 0, sizeof(*in));
	in->label = "the standard input";
	in->fd = STDIN_FILENO;
	if (!path || !strcmp(path, "-"))
		return 0;
	in->label = path;
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	return in->fd < 0 ? -errno : 0;
}

int input_set_max(struct input *in, size_t max, bool lines, size_t ahead)
{
	size_t more = READ_AHEAD;

	if (ahead > 1 && max > READ_AHEAD / ahead)
		more = max < READ_AHEAD_MAX / ahead ? max * ahead : READ_AHEAD_MAX;
	in->max = max;
	in->lines = lines;
	in->size = max + more;
	in->buf = malloc(in->size);
	return in->buf ? 0 : -ENOMEM;
}

/* Reads more behind what is there; a partial message moves to the front. */
static int input_fill(struct input *in)
{
	ssize_t n;

	if (in->start == in->end)
		in->start = in->end = 0;
	if (in->end == in->size) {
		memmove(in->buf, in->buf + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	do {
		n = read(in->fd, in->buf + in->end, in->size - in->end);
		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = in->fd, .events = POLLIN };

			poll(&pfd, 1, -1);
			errno = EINTR;
		}
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	in->end += n;
	in->eof = !n;
	return 0;
}

static ssize_t input_take(struct input *in, size_t len, const char **msg)
{
	*msg = in->buf + in->start;
	in->start += len;
	in->scanned = 0;
	return len;
}

static ssize_t next_block(struct input *in, const char **msg)
{
	size_t have;

	while ((have = in->end - in->start) < in->max && !in->eof) {
		int err = input_fill(in);

		if (err)
			return err;
	}
	return input_take(in, have < in->max ? have : in->max, msg);
}

static ssize_t next_line(struct input *in, const char **msg)
{
	for (;;) {
		size_t have = in->end - in->start;
		char *from = in->buf + in->start + in->scanned;
		char *newline = memchr(from, '\n', have - in->scanned);
		size_t len = newline ? (size_t)(newline + 1 - in->buf) - in->start : have;
		int err;

		if (len > in->max)
			return -EMSGSIZE;
		if (newline || in->eof)
			return input_take(in, len, msg);
		in->scanned = have;
		err = input_fill(in);
		if (err)
			return err;
	}
}

bool input_ready(struct input *in)
{
	size_t have = in->end - in->start;

	if (in->eof)
		return true;
	if (!in->lines || have > in->max)
		return have >= in->max;
	if (memchr(in->buf + in->start + in->scanned, '\n', have - in->scanned))
		return true;
	in->scanned = have;
	return false;
}

ssize_t input_next(struct input *in, const char **msg)
{
	return in->lines ? next_line(in, msg) : next_block(in, msg);
}

void input_close(struct input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in->buf);
}

int output_open(struct output *out, const char *path)
{
	memset(out, 0, sizeof(*out));
	out->label = "the standard output";
	out->fd = STDOUT_FILENO;
	if (!path || !strcmp(path, "-"))
		return 0;
	out->label = path;
	out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return out->fd < 0 ? -errno : 0;
}

int output_write(struct output *out, const void *data, size_t len,
		 const volatile int *stop)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(out->fd, p, len);

		if (n >= 0) {
			p += n;
			len -= n;
			out->written += n;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { .fd = out->fd, .events = POLLOUT };

			if (poll(&pfd, 1, -1) < 0 && stop && *stop)
				return -EINTR;
		} else if (errno != EINTR) {
			return -errno;
		} else if (stop && *stop) {
			return -EINTR;
		}
	}
	return 0;
}

int output_close(struct output *out)
{
	int fd = out->fd;

	out->fd = -1;
	return close(fd) ? -errno : 0;
}
