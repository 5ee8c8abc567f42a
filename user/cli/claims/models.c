// SPDX-License-Identifier: GPL-2.0
/* The two models: through the kernel, or through a common region, and what that costs. */
#include "models.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "ban.h"
#include "counter.h"
#include "nls.h"

int models_measure(struct lab *lab)
{
	struct lab_plan plan = {
		.transports = { "pipe", "shm-futex", "shm-spin" },
		.workload = WORKLOAD_PINGPONG,
		.waits = { WAIT_BLOCK, WAIT_SPIN },
		.n_waits = 2,
		.sizes = { MODELS_SMALL, MODELS_LARGE },
		.place = lab->pair,
		.payload = PAYLOAD_TOUCH,
	};
	int err;

	if (lab->models_known)
		return 0;
	if (lab->module) {
		plan.transports[3] = "ipcchan-copy";
		plan.transports[4] = "ipcchan-ring";
	}
	err = lab_bench(lab, &lab->models, &plan);
	if (!err && stages_measure(&lab->models))
		err = lab_fail(lab, -ENOMEM, "no memory");
	if (!err)
		err = lab_interrupted(lab, &lab->models);
	if (!err && !lab_case(&lab->models, "pipe", WAIT_BLOCK, MODELS_SMALL))
		err = lab_missing(lab, &lab->models, "pipe", WAIT_BLOCK, MODELS_SMALL);
	if (err) {
		stages_free(&lab->models);
		cases_free(&lab->models);
	}
	lab->models_known = !err;
	return err;
}

/* System calls of both processes in a round trip, where they are counted */
static void value_calls(struct claim_value *v, const struct lab *lab, const char *transport,
			enum wait_strategy wait)
{
	const struct bench_case *c = lab_case(&lab->models, transport, wait, MODELS_SMALL);
	double calls;

	if (c && ledger_each(&c->ledger, LEDGER_CALLS, &calls))
		value_set(v, calls);
}

enum {
	KERNEL_SIGNAL, KERNEL_MESSAGES, REGION_SIGNAL, REGION_MESSAGES, REGION_WANTED,
	KERNEL_MODULE, KERNEL_NEEDED,
	KERNEL_CALLS = KERNEL_NEEDED, REGION_CALLS, CHANNEL_SIGNAL, CHANNEL_MESSAGES,
};

static const char *const exchange_names[] = {
	[KERNEL_SIGNAL] = "pipe_without_calls_signal",
	[KERNEL_MESSAGES] = "pipe_without_calls_messages",
	[REGION_SIGNAL] = "shared_memory_without_calls_signal",
	[REGION_MESSAGES] = "shared_memory_without_calls_messages",
	[REGION_WANTED] = "wanted_messages",
	[KERNEL_MODULE] = "module_loaded",
	[KERNEL_CALLS] = "pipe_system_calls_per_round_trip",
	[REGION_CALLS] = "shared_memory_system_calls_per_round_trip",
	[CHANNEL_SIGNAL] = "channel_ring_without_calls_signal",
	[CHANNEL_MESSAGES] = "channel_ring_without_calls_messages",
	NULL,
};

static int exchange_ban(struct lab *lab, const char *transport, struct claim_value *v,
			unsigned int signal, unsigned int messages)
{
	struct ban_seen seen;
	int err = ban_run(lab, transport, &seen);

	if (err)
		return err;
	value_set(&v[signal], seen.signal);
	value_set(&v[messages], seen.messages);
	value_set(&v[REGION_WANTED], seen.wanted);
	return 0;
}

static int exchange_measure(struct lab *lab, struct claim_value *v)
{
	int err = exchange_ban(lab, "pipe", v, KERNEL_SIGNAL, KERNEL_MESSAGES);

	if (!err)
		err = exchange_ban(lab, "shm-spin", v, REGION_SIGNAL, REGION_MESSAGES);
	if (!err)
		err = models_measure(lab);
	if (err)
		return err;
	value_set(&v[KERNEL_MODULE], lab->module);
	value_calls(&v[KERNEL_CALLS], lab, "pipe", WAIT_BLOCK);
	value_calls(&v[REGION_CALLS], lab, "shm-spin", WAIT_SPIN);
	if (!lab->module)
		return 0;
	return exchange_ban(lab, "ipcchan-spin", v, CHANNEL_SIGNAL, CHANNEL_MESSAGES);
}

static struct claim_judgement exchange_judge(const struct claim_value *v)
{
	bool kernel = v[KERNEL_SIGNAL].value == SIGSYS && v[KERNEL_MESSAGES].value == 0;
	bool region = !v[REGION_SIGNAL].value &&
		      v[REGION_MESSAGES].value == v[REGION_WANTED].value;

	if (kernel && region)
		return judged(CLAIM_HOLDS, NULL);
	if (kernel)
		return judged(CLAIM_CONDITION, N_("shared memory needs the kernel here, too"));
	if (region)
		return judged(CLAIM_CONDITION, N_("messages pass here without the kernel, too"));
	return judged(CLAIM_FAILS, N_("it is the other way round here"));
}

static void exchange_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Through a pipe %s of %s messages came, and %s ended a process at its first "
		       "system call (SIGSYS is 31)."), claim_number(t, &v[KERNEL_MESSAGES]),
		  claim_number(t, &v[REGION_WANTED]), claim_signal(t, &v[KERNEL_SIGNAL]));
	claim_say(t, _("Through shared memory %s of %s came, and %s did."),
		  claim_number(t, &v[REGION_MESSAGES]), claim_number(t, &v[REGION_WANTED]),
		  claim_signal(t, &v[REGION_SIGNAL]));
	if (v[KERNEL_CALLS].known && v[REGION_CALLS].known)
		claim_say(t, _("Where system calls are permitted, a round trip takes %s of them "
			       "through the pipe and %s through shared memory."),
			  claim_number(t, &v[KERNEL_CALLS]), claim_number(t, &v[REGION_CALLS]));
	if (v[CHANNEL_MESSAGES].known)
		claim_say(t, _("Through the ring of a channel of ipcchan %s came without system "
			       "calls, and %s ended a process."),
			  claim_number(t, &v[CHANNEL_MESSAGES]),
			  claim_signal(t, &v[CHANNEL_SIGNAL]));
	else
		claim_say(t, _("The module of ipcchan is not loaded, or may not be used: "
			       "its channels were left out."));
}

const struct claim claim_exchange = {
	.number = 5,
	.concept = N_("Two models"),
	.statement = N_("Message passing: A and B exchange data through the kernel. Shared memory: "
			"A and B exchange data through a common region."),
	.done = N_("Two processes exchange messages of 64 bytes after they have given up the right "
		   "to make system calls (seccomp): through a pipe, and through a ring in shared "
		   "memory. Then the system calls of a round trip are counted."),
	.names = exchange_names,
	.needed = KERNEL_NEEDED,
	.measure = exchange_measure,
	.judge = exchange_judge,
	.tell = exchange_tell,
};

enum {
	COST_UPDATES, COST_LOST, COST_UPDATES_ORDERED, COST_LOST_ORDERED, COST_NEEDED,
	COST_ENTER = COST_NEEDED, COST_BOTH, COST_SHARE, COST_ONE_WAY, COST_CALLS,
	COST_RING_CALLS,
};

static const char *const cost_names[] = {
	[COST_UPDATES] = "unsynchronised_updates",
	[COST_LOST] = "unsynchronised_lost_updates",
	[COST_UPDATES_ORDERED] = "semaphore_updates",
	[COST_LOST_ORDERED] = "semaphore_lost_updates",
	[COST_ENTER] = "pipe_enter_and_leave_kernel_twice_ns",
	[COST_BOTH] = "pipe_write_and_read_ns",
	[COST_SHARE] = "pipe_enter_and_leave_share_percent",
	[COST_ONE_WAY] = "pipe_one_way_ns",
	[COST_CALLS] = "pipe_system_calls_per_round_trip",
	[COST_RING_CALLS] = "shared_memory_system_calls_per_round_trip",
	NULL,
};

/* Of one message through the pipe that nobody waits for: both calls, and to enter and leave */
static void value_stages(struct claim_value *v, const struct lab *lab)
{
	double one_way, both, ns[STAGE_NR], range[STAGE_NR][2];
	const struct stages *s, *end = lab->models.stages + lab->models.n_stages;

	for (s = lab->models.stages; s < end; s++) {
		if (strcmp(s->transport->name, "pipe") || s->size != MODELS_SMALL ||
		    !stages_times(s, STAGES_DIFFERENCES, &one_way, ns, range))
			continue;
		both = ns[STAGE_SYSTEM_CALL] + ns[STAGE_QUEUE] + ns[STAGE_COPY];
		value_set(&v[COST_ENTER], ns[STAGE_SYSTEM_CALL]);
		value_set(&v[COST_BOTH], both);
		value_set(&v[COST_SHARE], 100 * ns[STAGE_SYSTEM_CALL] / both);
		value_set(&v[COST_ONE_WAY], one_way);
	}
}

static int cost_measure(struct lab *lab, struct claim_value *v)
{
	int err = counter_run(lab, COUNTER_NONE, &v[COST_UPDATES], &v[COST_LOST]);

	if (!err)
		err = counter_run(lab, COUNTER_SEMAPHORE, &v[COST_UPDATES_ORDERED],
				  &v[COST_LOST_ORDERED]);
	if (!err)
		err = models_measure(lab);
	if (err)
		return err;
	value_stages(v, lab);
	value_calls(&v[COST_CALLS], lab, "pipe", WAIT_BLOCK);
	value_calls(&v[COST_RING_CALLS], lab, "shm-spin", WAIT_SPIN);
	return 0;
}

/* Less than this of the time of both calls is none that matters */
#define SHARE_PERCENT	1

static struct claim_judgement cost_judge(const struct claim_value *v)
{
	bool costs = value_above(&v[COST_SHARE], SHARE_PERCENT);
	bool lost = v[COST_LOST].value > 0 && v[COST_LOST_ORDERED].value == 0;

	if (!v[COST_SHARE].known)
		return judged(CLAIM_UNTRIED, N_("what system calls take could not be told apart "
						"from the rest here"));
	if (costs && lost)
		return judged(CLAIM_HOLDS, NULL);
	if (costs)
		return judged(CLAIM_CONDITION, N_("system calls cost, but nothing was lost "
						  "without synchronisation, or something with "
						  "it"));
	if (lost)
		return judged(CLAIM_CONDITION, N_("shared data has to be synchronised, but system "
						  "calls are no cost that matters"));
	return judged(CLAIM_FAILS, N_("neither do system calls cost here, nor is anything lost"));
}

static void cost_tell(const struct claim_value *v, struct claim_text *t)
{
	if (v[COST_CALLS].known && v[COST_RING_CALLS].known)
		claim_say(t, _("A round trip through a pipe takes %s system calls, one through "
			       "shared memory %s."), claim_number(t, &v[COST_CALLS]),
			  claim_number(t, &v[COST_RING_CALLS]));
	if (v[COST_SHARE].known)
		claim_say(t, _("To write and to read a message of 64 bytes that nobody waits for "
			       "takes %s ns, of which %s ns, %s %%, are to enter and leave the "
			       "kernel twice; with waiting and waking, a message takes %s ns one "
			       "way."),
			  claim_number(t, &v[COST_BOTH]), claim_number(t, &v[COST_ENTER]),
			  claim_number(t, &v[COST_SHARE]), claim_number(t, &v[COST_ONE_WAY]));
	claim_say(t, _("Of %s additions to one number in shared memory %s were lost without "
		       "synchronisation, and of %s with a semaphore %s."),
		  claim_number(t, &v[COST_UPDATES]), claim_number(t, &v[COST_LOST]),
		  claim_number(t, &v[COST_UPDATES_ORDERED]),
		  claim_number(t, &v[COST_LOST_ORDERED]));
}

const struct claim claim_cost = {
	.number = 7,
	.concept = N_("Two models"),
	.statement = N_("Message passing has the overhead of system calls. Shared memory has "
			"problems of synchronisation, since resources and data are shared."),
	.done = N_("The time of a message through a pipe is divided into its stages, and its "
		   "system calls are counted. Two processes add one to a number in shared memory, "
		   "first each when it likes, then one at a time."),
	.names = cost_names,
	.needed = COST_NEEDED,
	.measure = cost_measure,
	.judge = cost_judge,
	.tell = cost_tell,
};
