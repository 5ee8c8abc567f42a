// SPDX-License-Identifier: GPL-2.0
/* Where recv takes messages from: the queue of a channel or its ring. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "source.h"
#include "stop.h"

/*
 * A signal that comes just before a ring's wait does not interrupt it: waits
 * are cut into slices, so that it is noticed after one at the latest.
 */
#define RING_SLICE_NS	100000000LL

static void free_room(struct source *src)
{
	free(src->msgs);
	free(src->bufs);
	free(src->fds);
}

static int alloc_room(struct source *src)
{
	src->msgs = calloc(src->batch, sizeof(*src->msgs));
	src->bufs = calloc(src->batch, src->size);
	if (src->take_fds)
		src->fds = calloc(src->batch, IPCCHAN_FDS_MAX * sizeof(*src->fds));
	if (src->msgs && src->bufs && (src->fds || !src->take_fds))
		return 0;
	free_room(src);
	return -ENOMEM;
}

static int set_filter(const struct source *src)
{
	int err = 0;

	if (src->filter.flags || src->filter.min_prio)
		err = ipcchan_set_filter(src->chan, &src->filter);
	if (!err)
		return EXIT_OK;
	if (err != -EOPNOTSUPP)
		return cli_error_chan(src->verb, src->name, err);
	cli_error(src->verb, "--type: channel '%s' may hold too many messages, more than "
		  "%u; make it with a smaller --max-msgs", src->name,
		  IPCCHAN_FILTER_MSGS);
	return EXIT_SYSTEM;
}

/* As large as what the channel may hold, so that it has room for most of that. */
static int make_pool(const struct source *src, const struct ipcchan_info *info)
{
	size_t size;
	void *addr;
	int err;

	err = ipcchan_pool(src->chan, info->max_bytes, IPCCHAN_POOL_COPY, 1);
	if (err == -EBUSY) {
		cli_error(src->verb, "--pool: another receiver of channel '%s' has one; "
			  "end that, or receive without", src->name);
		return EXIT_SYSTEM;
	}
	if (err == -EOPNOTSUPP) {
		cli_error(src->verb, "--pool: channel '%s' is not of the kind queue; "
			  "receive without", src->name);
		return EXIT_SYSTEM;
	}
	/* What is sent in a block of the buffer is read there, too. */
	if (!err && info->options & IPCCHAN_OPT_LOANS)
		err = ipcchan_map(src->chan, &addr, &size);
	return err ? cli_error_chan(src->verb, src->name, err) : EXIT_OK;
}

static int prepare_queue(struct source *src)
{
	struct ipcchan_info info;
	int status, err;

	err = ipcchan_get_info(src->chan, &info);
	if (!err && info.kind == IPCCHAN_KIND_RPC)
		err = -EOPNOTSUPP;
	if (err)
		return cli_error_chan(src->verb, src->name, err);
	status = set_filter(src);
	if (!status && src->pool)
		status = make_pool(src, &info);
	if (status)
		return status;
	src->size = info.max_msg_size;
	if (!alloc_room(src))
		return EXIT_OK;
	cli_error(src->verb, "no memory for %u messages of %zu bytes; give a smaller "
		  "--batch", src->batch, src->size);
	return EXIT_SYSTEM;
}

int source_open(struct source *src, const struct chan_opts *opts)
{
	int status;

	if (src->ring)
		return ring_chan_open(&src->rc, src->verb, src->name,
				      IPCCHAN_RING_CONSUMER, opts);
	status = chan_opts_open(src->verb, src->name, opts, IPCCHAN_ROLE_RECV, true,
				&src->chan);
	if (status)
		return status;
	status = prepare_queue(src);
	if (status)
		ipcchan_close(src->chan);
	return status;
}

static int ring_next(struct source *src, uint64_t bytes, struct source_msg *msg)
{
	ssize_t n = ipcchan_ring_peek(&src->rc.ring, &msg->data);

	if (n < 0)
		return n;
	if ((uint64_t)n > bytes)
		return -EMSGSIZE;
	msg->len = n;
	msg->hdr = NULL;
	return 1;
}

static char *buf_of(const struct source *src, uint32_t i)
{
	return src->bufs + i * src->size;
}

static const int *fds_of(const struct source *src, uint32_t i)
{
	return src->take_fds ? src->fds + i * IPCCHAN_FDS_MAX : NULL;
}

/* So many that they cannot be more than @bytes, but for a single one. */
static uint32_t batch_of(const struct source *src, uint64_t msgs, uint64_t bytes)
{
	uint64_t n = src->batch;

	if (n > msgs)
		n = msgs;
	if (n > bytes / src->size)
		n = bytes / src->size;
	return n ? n : 1;
}

/* Return: as ipcchan_recv_batch() */
static int queue_fill(struct source *src, uint64_t msgs, uint64_t bytes)
{
	uint32_t n = batch_of(src, msgs, bytes), flags = 0;
	int ret;

	/* In place comes all of a message, even if there is no room for it. */
	if (src->pool && bytes >= src->size)
		flags = IPCCHAN_XFER_PLACE;

	for (uint32_t i = 0; i < n; i++) {
		ipcchan_msg_init(&src->msgs[i], buf_of(src, i),
				 bytes < src->size ? bytes : src->size);
		if (src->take_fds)
			ipcchan_msg_fds(&src->msgs[i], fds_of(src, i), IPCCHAN_FDS_MAX);
	}
	ret = ipcchan_recv_batch(src->chan, src->msgs, n, flags, 0);
	src->next = 0;
	src->n = ret > 0 ? ret : 0;
	return ret;
}

int source_next(struct source *src, uint64_t msgs, uint64_t bytes,
		struct source_msg *msg)
{
	int ret;

	if (src->ring)
		return ring_next(src, bytes, msg);
	if (!source_held(src)) {
		ret = queue_fill(src, msgs, bytes);
		if (ret <= 0)
			return ret;
	}
	msg->hdr = &src->msgs[src->next];
	msg->data = ipcchan_msg_payload(src->chan, msg->hdr);
	msg->len = msg->hdr->len;
	msg->fds = fds_of(src, src->next);
	src->next++;
	return 1;
}

uint32_t source_held(const struct source *src)
{
	return src->n - src->next;
}

int source_release(struct source *src, const struct source_msg *msg)
{
	int ret = 0;

	if (src->ring)
		return ipcchan_ring_release(&src->rc.ring);
	for (uint32_t i = 0; i < msg->hdr->nr_fds; i++)
		close(msg->fds[i]);
	if (msg->hdr->flags & IPCCHAN_MSG_PLACED)
		ret = ipcchan_give_back(src->chan, &msg->data, 1);
	return ret < 0 ? ret : 0;
}

static int wait_queue(struct source *src, int64_t timeout_ns)
{
	struct pollfd pfd = { .fd = ipcchan_fd(src->chan), .events = POLLIN };
	int ret = stop_poll(&pfd, 1, timeout_ns, 0);

	return ret < 0 ? ret : 0;
}

static int wait_ring(struct source *src, int64_t timeout_ns)
{
	bool cut = timeout_ns < 0 || timeout_ns > RING_SLICE_NS;
	int err;

	if (stop_asked)
		return -EINTR;
	err = ipcchan_ring_wait(&src->rc.ring, 0, cut ? RING_SLICE_NS : timeout_ns);
	if (stop_asked)
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
	free_room(src);
}
