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
	MEANS_LISTED, MEANS_NUMBER, MEANS_ROOM, MEANS_MESSAGE, MEANS_SIGNAL, MEANS_LOST,
	MEANS_LOST_ORDERED, MEANS_NEEDED,
};

static const char *const means_names[] = {
	[MEANS_LISTED] = "mechanisms",
	[MEANS_NUMBER] = "mechanisms_that_carry_8_bytes",
	[MEANS_ROOM] = "mechanisms_with_room_for_64_bytes",
	[MEANS_MESSAGE] = "mechanisms_that_carry_64_bytes",
	[MEANS_SIGNAL] = "signal_largest_message_bytes",
	[MEANS_LOST] = "unsynchronised_lost_updates",
	[MEANS_LOST_ORDERED] = "semaphore_lost_updates",
	NULL,
};

/* By what their interfaces take: a message that they do not take cannot be sent. */
static bool has_room(const char *mechanism, size_t size)
{
	return transport_find(mechanism)->max_size >= size;
}

static unsigned int count_room(size_t size)
{
	unsigned int n = 0;
	size_t i;

	for (i = 0; i < N_MECHANISMS; i++)
		n += has_room(mechanisms[i], size);
	return n;
}

/* Return: 0; negative errno with @lab->why filled, where one of them could not be tried */
static int count_right(struct lab *lab, const struct bench *bench, size_t size,
		       struct claim_value *v)
{
	unsigned int n = 0;
	int right;
	size_t i;

	for (i = 0; i < N_MECHANISMS; i++) {
		if (!has_room(mechanisms[i], size))
			continue;
		right = lab_right(lab, bench, mechanisms[i], WAIT_BLOCK, size);
		if (right < 0)
			return right;
		n += (unsigned int)right;
	}
	value_set(v, n);
	return 0;
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

	value_set(&v[MEANS_LISTED], N_MECHANISMS);
	value_set(&v[MEANS_ROOM], count_room(MESSAGE_BYTES));
	value_set(&v[MEANS_SIGNAL], (double)transport_find("signal")->max_size);
	if (!err)
		err = count_right(lab, &bench, NUMBER_BYTES, &v[MEANS_NUMBER]);
	if (!err)
		err = count_right(lab, &bench, MESSAGE_BYTES, &v[MEANS_MESSAGE]);
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
	if (v[MEANS_MESSAGE].value < v[MEANS_ROOM].value)
		return judged(CLAIM_FAILS, N_("not each mechanism that has room for messages "
					      "carries them right"));
	if (v[MEANS_ROOM].value < v[MEANS_LISTED].value)
		return judged(CLAIM_CONDITION, N_("a signal carries a number at most, not a "
						  "message, and a semaphore carries no data at "
						  "all: it says when"));
	return judged(CLAIM_HOLDS, NULL);
}

static void means_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Messages of 8 bytes came right through %s of the %s. For 64 bytes %s of "
		       "them have room, and through %s of these they came right; the value that "
		       "goes with a signal (sigqueue()) has %s bytes."),
		  claim_number(t, &v[MEANS_NUMBER]), claim_number(t, &v[MEANS_LISTED]),
		  claim_number(t, &v[MEANS_ROOM]), claim_number(t, &v[MEANS_MESSAGE]),
		  claim_number(t, &v[MEANS_SIGNAL]));
	claim_say(t, _("Of additions to a number in shared memory %s were lost without a semaphore "
		       "and %s with one."), claim_number(t, &v[MEANS_LOST]),
		  claim_number(t, &v[MEANS_LOST_ORDERED]));
}

const struct claim claim_means = {
	.number = 9,
	.concept = N_("Two models"),
	.statement = N_("Message passing: pipe, signal, message queueing, socket. Shared memory: "
			"semaphores and the like."),
	.done = N_("Messages of 8 bytes are sent through a pipe, by signals, through a message "
		   "queue and through a socket, and such of 64 bytes through those that have room "
		   "for them; every byte is compared. Two processes add one to a number in shared "
		   "memory, with and without a semaphore."),
	.names = means_names,
	.needed = MEANS_NEEDED,
	.measure = means_measure,
	.judge = means_judge,
	.tell = means_tell,
};
