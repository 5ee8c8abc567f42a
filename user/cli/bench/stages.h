/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the time of a message goes that passes through the kernel.  Nobody can look into a
 * call from outside, so each stage is a difference of times that can be measured, with two
 * processes at the placement in question, the medians of several repetitions:
 *
 * system_call	two calls that do nothing, F_GETFD on the descriptors used: to enter and
 *		leave the kernel and to look a descriptor up.  Assumes that to send and to
 *		receive enter it the same way.
 * queue	to send and to receive a message of one byte that nobody waits for, less
 *		these two calls.  One at a time: the receiver finds it there.
 * copy		the same with all bytes, less that of one byte: both copies, and the memory
 *		in between.  Assumes that the queue does not depend on the size.
 * wake_up	what the sender's call takes longer when the receiver sleeps in its own.  The
 *		receiver is SCHED_BATCH then, so that on one CPU it does not run before the
 *		call has returned; where it has nevertheless, that call is left out.
 * switch	from when a call to send began until that to receive returned, in a
 *		ping-pong, by a clock that all CPUs share, less all of these: until the CPU of
 *		the receiver has left what it did, or its idle state, and runs it.  Where
 *		sender and receiver overlap it is less, or below 0.
 * payload	to build the message and to read it, by one process and from its cache.
 * residual	a half of a round trip, less the sum of these: what they do not explain, as
 *		bytes that come from the other CPU's cache.  May be below 0.
 *
 * So they add up to a half of a round trip.  Where the clock counts instructions, these are
 * what it is told in.
 *
 * Of a transport that passes the module they are found by its tracepoints, too, where this
 * process may use them, in a ping-pong of its own in which these are on, and which takes
 * longer by what they cost:
 *
 * queue	from when a call to send began until the message was handed over, and from when
 *		the receiver had it until its call returned, of one byte, less system_call.
 * copy		the same with all bytes, less that of one byte.
 * wake_up	from when it was handed over until the receiver could run.
 * switch	from then until it ran, and had the message.
 *
 * The others are as above, and residual is the rest of a half of that ping-pong's round trip.
 */
#ifndef BENCH_STAGES_H
#define BENCH_STAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "placement.h"
#include "transport.h"

struct bench;

enum stage {
	STAGE_SYSTEM_CALL,
	STAGE_COPY,
	STAGE_QUEUE,
	STAGE_WAKE_UP,
	STAGE_SWITCH,
	STAGE_PAYLOAD,
	STAGE_RESIDUAL,
	STAGE_NR,
};

/**
 * enum piece - what is measured, nanoseconds
 * @PIECE_NULL: a call that does nothing, of side 0 and one of side 1 together
 * @PIECE_ONE: to send, and to receive, a byte that nobody waits for
 * @PIECE_SEND: to send a message that nobody waits for
 * @PIECE_RECV: to receive it
 * @PIECE_ASLEEP: to send one to a receiver that sleeps
 * @PIECE_LATENCY: from before the call that sends until after that which receives, the
 *	mean of both ways
 * @PIECE_TRIP: a round trip
 * @PIECE_PAYLOAD: to build, and to read, a message
 * @PIECE_EVENTS_CALLS: by events: of both calls, until the message is handed over, and from
 *	when the receiver has it
 * @PIECE_EVENTS_ONE: the same with one byte
 * @PIECE_EVENTS_WAKE_UP: from when it is handed over until the receiver can run
 * @PIECE_EVENTS_SWITCH: from then until it has the message
 * @PIECE_EVENTS_TRIP: a round trip while events are told
 * @PIECE_EVENTS_OFF: the same ping-pong while they are not
 */
enum piece {
	PIECE_NULL,
	PIECE_ONE,
	PIECE_SEND,
	PIECE_RECV,
	PIECE_ASLEEP,
	PIECE_LATENCY,
	PIECE_TRIP,
	PIECE_PAYLOAD,
	PIECE_EVENTS_CALLS,
	PIECE_EVENTS_ONE,
	PIECE_EVENTS_WAKE_UP,
	PIECE_EVENTS_SWITCH,
	PIECE_EVENTS_TRIP,
	PIECE_EVENTS_OFF,
	PIECE_NR,
};

#define STAGES_REPEAT	5

/**
 * enum stages_method - how stages are found
 * @STAGES_DIFFERENCES: of times of calls
 * @STAGES_TRACEPOINTS: by the times of events, and what is left over of these
 */
enum stages_method {
	STAGES_DIFFERENCES,
	STAGES_TRACEPOINTS,
	STAGES_METHODS,
};

/**
 * struct stages - of a transport, a placement and a size
 * @piece: of each repetition
 * @repeats: how many there are
 * @why: there are no more of them; "" when there are enough
 * @events_why: they are not found by events; "" when they are, in each repetition
 */
struct stages {
	const struct transport *transport;
	struct placement placement;
	size_t size;
	double piece[PIECE_NR][STAGES_REPEAT];
	size_t repeats;
	char why[WHY_SIZE];
	char events_why[WHY_SIZE];
};

/** stage_name() - as in the results */
const char *stage_name(enum stage stage);

/** stages_method_name() - as in the results */
const char *stages_method_name(enum stages_method method);

/** stages_has() - is there something to be told of this method, were it why there is not? */
bool stages_has(const struct stages *s, enum stages_method method);

/** stages_why() - there is no more of it; "ok" when there is enough */
const char *stages_why(const struct stages *s, enum stages_method method);

/** stages_cost() - what events made each message take longer; false when it is not known */
bool stages_cost(const struct stages *s, double *ns);

/**
 * stages_measure() - find the stages of the transports of the benchmark that tell them
 * @bench: has run: of those with a ping-pong that blocks
 *
 * Sets @bench->stages, and @bench->interrupted when a signal ended it.
 * Return: 0; -ENOMEM.
 */
int stages_measure(struct bench *bench);

/** stages_free() - give back what stages_measure() took */
void stages_free(struct bench *bench);

/**
 * stages_times() - the stages of one
 * @method: how they were found
 * @one_way: out: a half of a round trip
 * @ns: out, by enum stage, that add up to it
 * @range: out: least and most of each stage over the repetitions, and @ns
 *
 * Return: false when none was measured.
 */
bool stages_times(const struct stages *s, enum stages_method method, double *one_way,
		  double ns[STAGE_NR], double range[STAGE_NR][2]);

#endif /* BENCH_STAGES_H */
