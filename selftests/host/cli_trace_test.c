// SPDX-License-Identifier: GPL-2.0
/* What trace makes of events, of which some may have been lost, and of a lack of memory. */
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "cli.h"
#include "tap.h"
#include "trace_life.h"
#include "trace_print.h"

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

/* The benchmark's name for it. */
const char *stage_name(enum stage stage)
{
	(void)stage;
	return "stage";
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

/* Requests of jansson for memory, and which of them is refused */
static unsigned int requests, refused;

static void *give(size_t size)
{
	return ++requests == refused ? NULL : malloc(size);
}

static struct trace_print print = { .verb = "trace", .json = true };

/* All kinds of lines, up to an error.  Return: exit status; @text is to be freed. */
static int print_lines(char **text)
{
	const struct nl_chan chan = { .has_name = true, .name = "c", .id = 1 };
	const struct life life = {
		.from = 1, .to = 2, .from_comm = "from", .to_comm = "to",
		.at = { [STAMP_SENT] = 10, [STAMP_TAKEN] = 20 },
	};
	const struct trace_end end = { .calls = true };
	FILE *out = stdout, *errors = stderr;
	size_t size;
	int status;

	requests = 0;
	memset(&print.hist, 0, sizeof(print.hist));
	print.received = 0;
	print.total = 0;
	stdout = open_memstream(text, &size);
	stderr = fopen("/dev/null", "w");
	status = trace_print_begin(&print, &chan);
	if (!status)
		status = trace_print_life(&print, &life);
	if (!status)
		status = trace_print_end(&print, &end);
	fclose(stdout);
	fclose(stderr);
	stdout = out;
	stderr = errors;
	return status;
}

/* A line is whole, or there is an error. */
static void no_memory(void)
{
	char *whole, *text;
	unsigned int n;
	int status;

	json_set_alloc_funcs(give, free);
	EXPECT_EQ(print_lines(&whole), EXIT_OK);
	n = requests;
	EXPECT(n > 50);
	for (refused = 1; refused <= n; refused++) {
		status = print_lines(&text);
		if (status != EXIT_SYSTEM && (status != EXIT_OK || strcmp(text, whole)))
			TAP_REPORT("request %u refused: exit status %d, '%s'", refused, status,
				   text);
		free(text);
	}
	free(whole);
}

static const struct tap_test tests[] = {
	{ "a message of which all is told", whole },
	{ "what was before lost events is not taken for what comes after them", lost },
	{ "where memory is short no line is left out without a word", no_memory },
};

int main(int argc, char **argv)
{
	return tap_main(argc, argv, tests, ARRAY_SIZE(tests), 60);
}
