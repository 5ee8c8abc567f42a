// SPDX-License-Identifier: GPL-2.0
/* What trace makes of events, of which some may have been lost. */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "trace_life.h"

/* numbers that no process has: more than PID_MAX_LIMIT */
#define SENDER		5000001
#define RECEIVER	5000002

/* The tracer, of which nothing is left out and nobody's name is known. */
uint64_t tracer_now(void)
{
	return 1;
}

int tracer_tasks(struct tracer *tracer, const pid_t *pids, size_t n)
{
	(void)tracer;
	(void)pids;
	(void)n;
	return 0;
}

char *tracer_comms(struct tracer *tracer)
{
	(void)tracer;
	return NULL;
}

/* Lives that were told. */
static struct life told[4];
static size_t n_told;

static void tell(const struct life *life, void *arg)
{
	(void)arg;
	if (n_told < ARRAY_SIZE(told))
		told[n_told++] = *life;
}

static void happens(struct lives *lives, enum trace_kind kind, uint64_t ns, uint64_t pid,
		    uint64_t msg)
{
	const struct trace_event event = { .kind = kind, .ns = ns, .pid = pid, .msg = msg };

	lives_event(&event, lives);
}

/* A sender and a receiver whose calls are told. */
static void begin(struct lives *lives)
{
	*lives = (struct lives){ .calls = true, .tell = tell };
	n_told = 0;
	trace_tasks_get(&lives->tasks, SENDER);
	trace_tasks_get(&lives->tasks, RECEIVER);
	EXPECT_EQ(trace_tasks_watch(&lives->tasks), 0);
	happens(lives, TRACE_SYS_ENTER, 100, SENDER, 0);
	happens(lives, TRACE_SYS_ENTER, 105, RECEIVER, 0);
}

static void whole(void)
{
	int64_t ns[STAGE_NR];
	struct lives lives;

	begin(&lives);
	happens(&lives, TRACE_ENQUEUE, 110, SENDER, 7);
	happens(&lives, TRACE_SYS_EXIT, 115, SENDER, 0);
	happens(&lives, TRACE_DEQUEUE, 130, RECEIVER, 7);
	happens(&lives, TRACE_SYS_EXIT, 134, RECEIVER, 0);
	EXPECT_EQ(n_told, 1);
	EXPECT_EQ(life_stages(&told[0], ns), 34);
	EXPECT_EQ(ns[STAGE_SYSTEM_CALL], 14);
	EXPECT_EQ(ns[STAGE_QUEUE], 20);
	EXPECT_EQ(ns[STAGE_RESIDUAL], 0);
	lives_end(&lives);
	EXPECT_EQ(lives.broken, 0);
}

/* The ends of these calls, and what else, may be among those that were lost. */
static void lost(void)
{
	const struct trace_event waits = {
		.kind = TRACE_WAIT, .ns = 111, .pid = SENDER, .what = TRACE_WAIT_ROOM
	};
	int64_t ns[STAGE_NR];
	struct lives lives;

	begin(&lives);
	happens(&lives, TRACE_ENQUEUE, 110, SENDER, 7);
	lives_event(&waits, &lives);
	happens(&lives, TRACE_LOST, 900, 0, 0);
	EXPECT_EQ(lives.broken, 1);
	happens(&lives, TRACE_ENQUEUE, 910, SENDER, 8);
	happens(&lives, TRACE_DEQUEUE, 930, RECEIVER, 8);
	happens(&lives, TRACE_SYS_EXIT, 934, RECEIVER, 0);
	EXPECT_EQ(n_told, 1);
	EXPECT_EQ(life_begin(&told[0]), 910);
	EXPECT_EQ(life_stages(&told[0], ns), 24);
	EXPECT(ns[STAGE_SYSTEM_CALL] < 0);
	EXPECT_EQ(ns[STAGE_QUEUE], 20);
	lives_end(&lives);
}

static const struct tap_test tests[] = {
	{ "a message of which all is told", whole },
	{ "what was before lost events is not taken for what comes after them", lost },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
