/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What goes over a session: frames of a head and of words of 64 bits, big-endian, as many as
 * each type has.  The magic number and the version stay where they are in every version.
 */
#ifndef BENCH_REMOTE_WIRE_H
#define BENCH_REMOTE_WIRE_H

#include "workload.h"

#define REMOTE_VERSION	1

/**
 * enum remote_type - of a frame; C for who connects, L for who listens
 * @REMOTE_HELLO: C and then L: the first one of a session; how many words a plan and a result
 *	have
 * @REMOTE_BUSY: L instead: it serves another one
 * @REMOTE_PLAN: C: struct remote_plan
 * @REMOTE_READY: L: a number by which a connection for messages is known
 * @REMOTE_DATA: C: that number, the first of such a connection; messages follow
 * @REMOTE_RESULT: L: struct remote_result, when a run has ended
 */
enum remote_type {
	REMOTE_HELLO = 1,
	REMOTE_BUSY,
	REMOTE_PLAN,
	REMOTE_READY,
	REMOTE_DATA,
	REMOTE_RESULT,
};

/**
 * struct remote_plan - what the listening side is to do; all are words
 * @fill: nothing but to hold a connection whose messages it does not read
 * @workload: and the next ones are as in struct run_plan and struct link
 * @buffer: bytes of the buffers of its connection
 * @timeout_ns: after which it gives up
 */
struct remote_plan {
	uint64_t fill;
	uint64_t workload;
	uint64_t payload;
	uint64_t wait;
	uint64_t size;
	uint64_t buffer;
	uint64_t batch;
	uint64_t counts;
	uint64_t timeout_ns;
};

/**
 * struct remote_result - what came of it; all are words but @why
 * @status: CHILD_*
 * @messages: of a stream, which is measured where it is received; and the next ones
 * @known: of struct ledger; @value too
 * @why: text, if @status is not %CHILD_OK
 */
struct remote_result {
	uint64_t status;
	uint64_t messages;
	uint64_t wall_ns;
	uint64_t known;
	uint64_t value[LEDGER_NR];
	struct hist hist;
	char why[WHY_SIZE];
};

#define REMOTE_WORDS(type)	(sizeof(type) / sizeof(uint64_t))

/**
 * remote_send() - send a frame, within some seconds
 * @words: of it, @nr; they are turned round
 *
 * Return: 0; negative errno.
 */
int remote_send(int fd, enum remote_type type, uint64_t *words, size_t nr);

/**
 * remote_recv() - receive a frame
 * @type: that it has to be
 * @words: out, as many as it has to have, @nr
 * @timeout_ms: for all of it; -1 for ever
 *
 * Return: 0; -EPROTONOSUPPORT of another version; -EBUSY of %REMOTE_BUSY; -EPROTO of anything
 * else; -ETIMEDOUT; -EPIPE at the end; another negative errno.
 */
int remote_recv(int fd, enum remote_type type, uint64_t *words, size_t nr, int timeout_ms);

/** remote_recv_first() - the same, of the first frame of a connection, of whatever @type */
int remote_recv_first(int fd, enum remote_type *type, uint64_t *word, int timeout_ms);

/** remote_hello() - send %REMOTE_HELLO, or what tells another version of this one */
int remote_hello(int fd);

/** remote_hello_word() - that a peer has to send, too */
uint64_t remote_hello_word(void);

/** remote_explain() - in words, what remote_recv() or remote_send() returned */
const char *remote_explain(int err);

/** remote_result_send() - as remote_send() */
int remote_result_send(int fd, struct remote_result *result);

/**
 * remote_result_recv() - receive and check a result, as remote_recv()
 *
 * What is wrong in itself is -EPROTO.  @result->why is then a text that can be shown.
 */
int remote_result_recv(int fd, struct remote_result *result);

#endif /* BENCH_REMOTE_WIRE_H */
