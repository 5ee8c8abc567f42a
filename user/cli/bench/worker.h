/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Messages, as every workload sends, receives and checks them.  Inline: this is inside
 * of what is timed.
 */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <stdio.h>
#include <string.h>

#include "payload.h"
#include "workload.h"

/* Every message is summed up; the first ones and one in so many are compared */
#define COMPARE_FIRST	16
#define COMPARE_EVERY	256

/* The sender of a stream of small messages does not read the clock each time */
#define STREAM_SMALL	4096
#define STREAM_LOOK	64

/**
 * struct worker - a side at work
 * @tx_base: the number of the next message to be sent, of payload.h
 * @rx_base: of the next one to be received
 * @got: messages received since the fork
 * @turn: the next one of these that is to be compared
 * @msg: the first of the messages received last, until worker_done()
 * @status: CHILD_*, of what went wrong
 * @why: and that in words
 */
struct worker {
	const struct run_plan *plan;
	struct run_shared *shared;
	struct link *link;
	const struct transport *t;
	struct payload_form form;
	int side;
	uint64_t tx_base;
	uint64_t rx_base;
	uint64_t got;
	uint64_t turn;
	const void *msg;
	int status;
	char *why;
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

/**
 * worker_send_each() - as worker_send(), of messages whose numbers are @next apart
 */
static inline uint64_t worker_send_each(struct worker *w, uint64_t most, uint64_t next)
{
	struct link *link = w->link;
	unsigned int nr, i;
	void *msg;
	int err;

	err = w->t->begin(link, &msg);
	if (err < 0)
		return worker_fail(w, "room for a message", err);
	if (link->tx_nr > most)
		link->tx_nr = (unsigned int)most;
	nr = link->tx_nr;
	for (i = 0;;) {
		payload_write(&w->form, msg, w->tx_base);
		w->tx_base += next;
		if (++i == nr)
			break;
		msg = (char *)msg + link->step;
	}
	err = w->t->send(link);
	if (err < 0)
		return worker_fail(w, "send", err);
	return nr;
}

/**
 * worker_send() - build and send the next messages
 * @most: at least 1
 *
 * Return: how many, as the transport has them in a row; 0 when that failed.
 */
static inline uint64_t worker_send(struct worker *w, uint64_t most)
{
	return worker_send_each(w, most, PAYLOAD_NEXT);
}

/** worker_flush() - nothing of what was sent is held back; false when that failed */
static inline bool worker_flush(struct worker *w)
{
	int err = w->t->flush ? w->t->flush(w->link) : 0;

	return err < 0 ? worker_fail(w, "send", err) : true;
}

/**
 * worker_recv() - receive and read the next messages
 * @most: at least 1
 *
 * Return: how many, as the transport has them in a row; 0 when they are not these.
 */
static inline uint64_t worker_recv(struct worker *w, uint64_t most)
{
	struct link *link = w->link;
	unsigned int nr, i;
	const void *msg;
	ssize_t len;

	len = w->t->recv(link, &msg);
	if (len < 0)
		return worker_fail(w, "receive", (int)len);
	if (link->rx_nr > most)
		link->rx_nr = (unsigned int)most;
	nr = link->rx_nr;
	w->msg = msg;
	for (i = 0;;) {
		if ((size_t)len != w->form.size ||
		    !payload_read(&w->form, msg, w->rx_base)) {
			w->msg = msg;
			w->got += i;
			return worker_corrupt(w, (size_t)len);
		}
		w->rx_base += PAYLOAD_NEXT;
		if (++i == nr)
			break;
		msg = (const char *)msg + link->step;
	}
	w->got += nr;
	return nr;
}

/** worker_compares() - is one of the messages received last to be compared? */
static inline bool worker_compares(const struct worker *w)
{
	return w->turn < w->got;
}

/** worker_compare() - compare those of them whose turn it is; false when one is wrong */
bool worker_compare(struct worker *w);

/** worker_release() - give the messages received last back; false when that failed */
static inline bool worker_release(struct worker *w)
{
	int err = w->t->done(w->link);

	return err < 0 ? worker_fail(w, "release", err) : true;
}

/** worker_done() - compare the messages received last, give them back */
static inline bool worker_done(struct worker *w)
{
	return (!worker_compares(w) || worker_compare(w)) && worker_release(w);
}

#endif /* BENCH_WORKER_H */
