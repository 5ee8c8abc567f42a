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
	PIECE_NR,
};

#define STAGES_REPEAT	5

/**
 * struct stages - of a transport, a placement and a size
 * @piece: of each repetition
 * @repeats: how many there are
 * @why: there are no more of them; "" when there are enough
 */
struct stages {
	const struct transport *transport;
	struct placement placement;
	size_t size;
	double piece[PIECE_NR][STAGES_REPEAT];
	size_t repeats;
	char why[WHY_SIZE];
};

/** stage_name() - as in the results */
const char *stage_name(enum stage stage);

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
 * @one_way: out: a half of a round trip
 * @ns: out, by enum stage, that add up to it
 * @range: out: least and most of each stage over the repetitions, and @ns
 *
 * Return: false when none was measured.
 */
bool stages_times(const struct stages *s, double *one_way, double ns[STAGE_NR],
		  double range[STAGE_NR][2]);

#endif /* BENCH_STAGES_H */
