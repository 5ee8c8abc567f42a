/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One message, as every workload sends, receives and checks it.  Inline: this
 * is inside of what is timed.
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdio.h>
#include <string.h>

#include "workload.h"

/* Every message is summed up; the first ones and one in so many are compared */
#define COMPARE_FIRST	16
#define COMPARE_EVERY	256

/**
 * struct worker - a side at work
 * @sent: messages sent since the fork
 * @got: messages received since the fork
 * @msg: the message received last, until worker_done()
 * @status: CHILD_*, of what went wrong
 */
struct worker {
	const struct run_plan *plan;
	struct run_shared *shared;
	struct link *link;
	const struct transport *t;
	size_t size;
	int side;
	uint64_t sent;
	uint64_t got;
	const void *msg;
	int status;
};

/**
 * worker_fail() - the transport failed
 * @what: it was doing
 * @err: negative errno
 *
 * Return: false.
 */
bool worker_fail(struct worker *w, const char *what, int err);

/** worker_corrupt() - the message received last is wrong; returns false */
bool worker_corrupt(struct worker *w, size_t len);

/** worker_send() - build and send the next message; false when that failed */
static inline bool worker_send(struct worker *w)
{
	void *msg;
	int err;

	err = w->t->begin(w->link, &msg);
	if (err < 0)
		return worker_fail(w, "room for a message", err);
	payload_write(w->plan->payload, msg, w->size, payload_tag(w->sent, w->side));
	err = w->t->send(w->link);
	if (err < 0)
		return worker_fail(w, "send", err);
	w->sent++;
	return true;
}

/** worker_flush() - nothing of what was sent is held back; false when that failed */
static inline bool worker_flush(struct worker *w)
{
	int err = w->t->flush ? w->t->flush(w->link) : 0;

	return err < 0 ? worker_fail(w, "send", err) : true;
}

/** worker_recv() - receive and read the next message; false when it is not that */
static inline bool worker_recv(struct worker *w)
{
	ssize_t len = w->t->recv(w->link, &w->msg);

	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	if ((size_t)len != w->size ||
	    !payload_read(w->plan->payload, w->msg, w->size,
			  payload_tag(w->got, !w->side)))
		return worker_corrupt(w, (size_t)len);
	w->got++;
	return true;
}

/** worker_compares() - is it the turn of the message received last to be compared? */
static inline bool worker_compares(const struct worker *w)
{
	uint64_t seq = w->got - 1;

	return w->plan->payload == PAYLOAD_VERIFY || seq < COMPARE_FIRST ||
	       seq % COMPARE_EVERY == 0;
}

/** worker_compare() - compare the message received last; false when it is wrong */
static inline bool worker_compare(struct worker *w)
{
	uint64_t seq = w->got - 1;

	if (payload_compare(w->plan->payload, w->msg, w->size,
			    payload_tag(seq, !w->side)))
		return true;
	w->got = seq;
	return worker_corrupt(w, w->size);
}

/** worker_release() - give the message received last back; false when that failed */
static inline bool worker_release(struct worker *w)
{
	int err = w->t->done(w->link);

	return err < 0 ? worker_fail(w, "release", err) : true;
}

/** worker_done() - compare the message received last if it is its turn, give it back */
static inline bool worker_done(struct worker *w)
{
	return (!worker_compares(w) || worker_compare(w)) && worker_release(w);
}

#endif /* BENCH_WORKER_H */
