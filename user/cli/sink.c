// SPDX-License-Identifier: GPL-2.0
/* Where send puts messages: the queue of a channel or its ring. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sink.h"

static int open_queue(struct sink *sink, const struct chan_opts *opts)
{
	struct ipcchan_info info;
	int status, err;

	status = chan_opts_open(sink->verb, sink->name, opts, IPCCHAN_ROLE_SEND,
				sink->nonblock, &sink->chan);
	if (status)
		return status;
	err = ipcchan_get_info(sink->chan, &info);
	if (err)
		goto close_chan;
	sink->max_len = info.max_msg_size;
	sink->msgs = calloc(sink->batch, sizeof(*sink->msgs));
	if (sink->msgs)
		return EXIT_OK;
	err = -ENOMEM;
close_chan:
	ipcchan_close(sink->chan);
	return cli_error_chan(sink->verb, sink->name, err);
}

int sink_open(struct sink *sink, const struct chan_opts *opts)
{
	int status;

	if (!sink->ring)
		return open_queue(sink, opts);
	status = ring_chan_open(&sink->rc, sink->verb, sink->name,
				IPCCHAN_RING_PRODUCER, opts);
	if (!status)
		sink->max_len = ipcchan_ring_max_len(&sink->rc.ring);
	return status;
}

void sink_close(struct sink *sink)
{
	if (sink->ring)
		ring_chan_close(&sink->rc);
	else
		ipcchan_close(sink->chan);
	free(sink->msgs);
}

int sink_too_long(const struct sink *sink, size_t len)
{
	cli_error(sink->verb, "a message of %zu bytes is longer than %s '%s' takes, "
		  "%zu bytes; send smaller ones (--msg-size %zu), or make the channel "
		  "with a larger %s", len,
		  sink->ring ? "the ring of channel" : "channel",
		  sink->name, sink->max_len, sink->max_len,
		  sink->ring ? "--buf-size" : "--max-msg-size");
	return EXIT_SYSTEM;
}

/* Of another user's channel; the kernel does not tell it from too many descriptors. */
static int error_share(const struct sink *sink, size_t len)
{
	cli_error(sink->verb, "this user's share of the room in channel '%s' is used up, "
		  "which belongs to another%s; %llu messages were sent before, this one "
		  "of %zu bytes was not; receive some, or leave out --nonblock to wait",
		  sink->name, sink->label->nr_fds ? " (or too many descriptors are on "
		  "their way)" : "", (unsigned long long)sink->done.msgs, len);
	return EXIT_SYSTEM;
}

static int error_send(const struct sink *sink, size_t len, int err)
{
	unsigned long long before = sink->done.msgs;

	switch (err) {
	case -EMSGSIZE:
		return sink_too_long(sink, len);
	case -EAGAIN:
		cli_error(sink->verb, "channel '%s' is full; %llu messages were sent "
			  "before, this one of %zu bytes was not; receive some, or "
			  "leave out --nonblock to wait", sink->name, before, len);
		return EXIT_SYSTEM;
	case -ETIMEDOUT:
		cli_error(sink->verb, "channel '%s' has been full for the time limit; "
			  "%llu messages were sent before, this one of %zu bytes was "
			  "not", sink->name, before, len);
		return EXIT_SYSTEM;
	default:
		if (err == -EDQUOT && sink->nonblock)
			return error_share(sink, len);
		if (before)
			cli_error(sink->verb, "after %llu messages:", before);
		if (label_refused(sink->label, sink->verb, err))
			return EXIT_SYSTEM;
		return sink->ring ? ring_chan_error(sink->verb, sink->name, err) :
		       cli_error_chan(sink->verb, sink->name, err);
	}
}

static int64_t deadline(const struct sink *sink)
{
	if (sink->timeout_ns == IPCCHAN_WAIT_FOREVER)
		return IPCCHAN_WAIT_FOREVER;
	return (int64_t)clock_ns() + sink->timeout_ns;
}

/* What is left until @until, nanoseconds; 0 when it has passed. */
static int64_t time_left(int64_t until)
{
	int64_t now = clock_ns();

	if (until == IPCCHAN_WAIT_FOREVER)
		return until;
	return now < until ? until - now : 0;
}

static int ring_send(struct sink *sink, const void *msg, size_t len)
{
	struct ipcchan_ring *ring = &sink->rc.ring;
	int64_t until = deadline(sink);
	void *room;
	int err;

	while ((err = ipcchan_ring_reserve(ring, len, &room)) == -EAGAIN) {
		if (sink->nonblock)
			return err;
		err = ipcchan_ring_wait(ring, len, time_left(until));
		if (err && err != -EINTR)
			return err;
	}
	if (err)
		return err;
	memcpy(room, msg, len);
	return ipcchan_ring_commit(ring);
}

static void account(struct sink *sink, size_t len)
{
	sink->done.msgs++;
	sink->done.bytes += len;
}

int sink_flush(struct sink *sink)
{
	uint32_t flags = sink->timeout_ns == IPCCHAN_WAIT_FOREVER ? 0 :
			 IPCCHAN_XFER_ABSTIME;
	int64_t until = deadline(sink);
	uint32_t sent = 0;
	int ret;

	while (sent < sink->n) {
		ret = ipcchan_send_batch(sink->chan, sink->msgs + sent,
					 sink->n - sent, flags, until);
		if (ret == -EINTR)
			continue;
		if (ret < 0)
			return error_send(sink, sink->msgs[sent].len, ret);
		while (ret--)
			account(sink, sink->msgs[sent++].len);
		until = deadline(sink);
	}
	sink->n = 0;
	return EXIT_OK;
}

int sink_add(struct sink *sink, const void *msg, size_t len)
{
	int err;

	if (sink->ring) {
		err = ring_send(sink, msg, len);
		if (err)
			return error_send(sink, len, err);
		account(sink, len);
		return EXIT_OK;
	}
	label_init(sink->label, &sink->msgs[sink->n++], msg, len);
	return sink->n < sink->batch ? EXIT_OK : sink_flush(sink);
}
