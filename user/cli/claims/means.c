// SPDX-License-Identifier: GPL-2.0
/* What each model is made with. */
#include <errno.h>

#include "counter.h"
#include "nls.h"

#define NUMBER_BYTES	8
#define MESSAGE_BYTES	64
#define MESSAGES	200
#define RUNS		2

/* As the notes list them */
static const char *const mechanisms[] = { "pipe", "signal", "sysv-mq", "unix-stream" };

#define N_MECHANISMS	(sizeof(mechanisms) / sizeof(mechanisms[0]))

enum {
	MEANS_LISTED, MEANS_NUMBER, MEANS_MESSAGE, MEANS_SIGNAL, MEANS_LOST,
	MEANS_LOST_ORDERED, MEANS_NEEDED,
};

static const char *const means_names[] = {
	[MEANS_LISTED] = "mechanisms",
	[MEANS_NUMBER] = "mechanisms_that_carry_8_bytes",
	[MEANS_MESSAGE] = "mechanisms_that_carry_64_bytes",
	[MEANS_SIGNAL] = "signal_largest_message_bytes",
	[MEANS_LOST] = "unsynchronised_lost_updates",
	[MEANS_LOST_ORDERED] = "semaphore_lost_updates",
	NULL,
};

static unsigned int count_carried(const struct bench *bench, size_t size)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < N_MECHANISMS; i++)
		if (lab_case(bench, mechanisms[i], WAIT_BLOCK, size))
			n++;
	return n;
}

static int means_measure(struct lab *lab, struct claim_value *v)
{
	const struct lab_plan plan = {
		.transports = { mechanisms[0], mechanisms[1], mechanisms[2], mechanisms[3] },
		.workload = WORKLOAD_PINGPONG,
		.sizes = { NUMBER_BYTES, MESSAGE_BYTES },
		.place = PLACE_SAME,
		.messages = MESSAGES,
		.payload = PAYLOAD_VERIFY,
		.runs = RUNS,
	};
	struct bench bench;
	int err = lab_bench(lab, &bench, &plan);

	if (!err) {
		value_set(&v[MEANS_LISTED], N_MECHANISMS);
		value_set(&v[MEANS_NUMBER], count_carried(&bench, NUMBER_BYTES));
		value_set(&v[MEANS_MESSAGE], count_carried(&bench, MESSAGE_BYTES));
		value_set(&v[MEANS_SIGNAL], (double)transport_find("signal")->max_size);
	}
	cases_free(&bench);
	if (!err)
		err = counter_run(lab, COUNTER_NONE, NULL, &v[MEANS_LOST]);
	return err ? err : counter_run(lab, COUNTER_SEMAPHORE, NULL,
					&v[MEANS_LOST_ORDERED]);
}

static struct claim_judgement means_judge(const struct claim_value *v)
{
	bool ordered = v[MEANS_LOST].value > 0 && !v[MEANS_LOST_ORDERED].value;

	if (v[MEANS_NUMBER].value < v[MEANS_LISTED].value)
		return judged(CLAIM_FAILS, N_("not even a number comes through each of the "
					      "mechanisms"));
	if (!ordered)
		return judged(CLAIM_FAILS, N_("a semaphore orders nothing here, or there is "
					      "nothing to be ordered"));
	if (v[MEANS_MESSAGE].value < v[MEANS_LISTED].value)
		return judged(CLAIM_CONDITION, N_("a signal carries a number at most, not a "
						  "message, and a semaphore carries no data at "
						  "all: it says when"));
	return judged(CLAIM_HOLDS, NULL);
}

static void means_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Messages of 8 bytes came right through %s of the %s, those of 64 bytes "
		       "through %s: a signal carries %s bytes at most."),
		  claim_number(t, &v[MEANS_NUMBER]), claim_number(t, &v[MEANS_LISTED]),
		  claim_number(t, &v[MEANS_MESSAGE]), claim_number(t, &v[MEANS_SIGNAL]));
	claim_say(t, _("Of additions to a number in shared memory %s were lost without a semaphore "
		       "and %s with one."), claim_number(t, &v[MEANS_LOST]),
		  claim_number(t, &v[MEANS_LOST_ORDERED]));
}

const struct claim claim_means = {
	.number = 9,
	.concept = N_("Two models"),
	.statement = N_("Message passing: pipe, signal, message queueing, socket. Shared memory: "
			"semaphores and the like."),
	.done = N_("Messages of 8 and of 64 bytes are sent through a pipe, by signals, through a "
		   "message queue and through a socket, and every byte is compared. Two processes "
		   "add one to a number in shared memory, with and without a semaphore."),
	.names = means_names,
	.needed = MEANS_NEEDED,
	.measure = means_measure,
	.judge = means_judge,
	.tell = means_tell,
};
