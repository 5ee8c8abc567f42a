/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The life of each message of a channel, made of events.  Its stages are those of the
 * benchmark (bench/stages.h), as far as events tell them:
 *
 * system_call	from when the sender's call began until the message was in the queue, or given
 *		to who waits for it; and from when a receiver had it until the call returned
 *		by which that was.  The copies are in there: no event tells them apart.
 * queue	in the queue, and before it, where the sender waits for room.
 * wake_up	from then until its receiver, who slept, could run.
 * switch	until it ran, and had the message.
 * residual	what is in none of these, as an event is missing.
 *
 * They add up to the whole time, and one that is not known is not told.
 */
#ifndef IPCCHAN_CLI_TRACE_LIFE_H
#define IPCCHAN_CLI_TRACE_LIFE_H

#include "bench/stages.h"
#include "trace_tasks.h"
#include "tracer.h"

/**
 * enum stamp - moments of a message, in order
 * @STAMP_CALL: the sender's system call began
 * @STAMP_ROOM: it began to wait for room
 * @STAMP_SENT: the message was queued, or handed over
 * @STAMP_WOKEN: its receiver, who had slept, could run
 * @STAMP_RUNS: its receiver, for whom others had run, ran
 * @STAMP_TAKEN: the receiver had the message, or it was dropped
 * @STAMP_RETURNED: the receiver's system call returned
 */
enum stamp {
	STAMP_CALL,
	STAMP_ROOM,
	STAMP_SENT,
	STAMP_WOKEN,
	STAMP_RUNS,
	STAMP_TAKEN,
	STAMP_RETURNED,
	STAMP_NR,
};

/**
 * struct life - a message
 * @msg: its address, until it is received
 * @from: who sent it
 * @to: who received it; 0 when nobody did
 * @from_comm: its name, as in struct trace_event
 * @to_comm: likewise
 * @handed_over: it was never in the queue
 * @dropped: nobody has received it
 * @watched: what its receiver did all the time is known
 * @at: by enum stamp; 0 where that was not, or is not known
 * @next: of those that its receiver took in the same call
 */
struct life {
	uint64_t msg;
	uint64_t cookie;
	uint64_t len;
	uint64_t prio;
	uint64_t from;
	uint64_t to;
	char from_comm[TRACE_COMM_SIZE + 1];
	char to_comm[TRACE_COMM_SIZE + 1];
	bool handed_over;
	bool dropped;
	bool watched;
	uint64_t at[STAMP_NR];
	struct life *next;
};

/**
 * struct lives - all messages that are on their way
 * @tasks: who sends and receives them
 * @calls: this kernel tells system calls
 * @root: of tsearch(), by address
 * @broken: messages of which events are missing: begun before the trace, or lost
 * @tell: is told each message that has ended, and that is seen whole
 * @arg: of @tell
 * @err: 0; -ENOMEM
 */
struct lives {
	struct trace_tasks tasks;
	bool calls;
	void *root;
	uint64_t broken;
	void (*tell)(const struct life *life, void *arg);
	void *arg;
	int err;
};

/** lives_event() - as @tell of tracer_read(); @arg is struct lives */
void lives_event(const struct trace_event *event, void *arg);

/**
 * lives_end() - what is still on its way will not be told
 *
 * But for messages that were received in a call that has not returned.
 */
void lives_end(struct lives *lives);

/** life_begin() - of what is known of it, nanoseconds */
uint64_t life_begin(const struct life *life);

/**
 * life_stages() - how long each took
 * @ns: out, nanoseconds by enum stage; below 0 where it is not known, or not told by events
 *
 * Those that are known add up to what it returns.
 * Return: nanoseconds from life_begin() to the end.
 */
int64_t life_stages(const struct life *life, int64_t ns[STAGE_NR]);

/** life_stage_visible() - is it one that events can tell? */
bool life_stage_visible(enum stage stage);

#endif /* IPCCHAN_CLI_TRACE_LIFE_H */
