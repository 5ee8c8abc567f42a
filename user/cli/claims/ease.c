// SPDX-License-Identifier: GPL-2.0
/* Which model is easy to get right, and which is fast. */
#include "models.h"
#include "nls.h"
#include "versions.h"

enum {
	EASE_MESSAGE, EASE_MESSAGE_RIGHT, EASE_PLAIN, EASE_PLAIN_RIGHT, EASE_SEMAPHORES,
	EASE_SEMAPHORES_RIGHT, EASE_RECORDS, EASE_MESSAGE_STEPS, EASE_MESSAGE_RACING,
	EASE_MESSAGE_SHOWN, EASE_SHARED_STEPS, EASE_SHARED_RACING, EASE_SHARED_SHOWN,
	EASE_BLOCK_SMALL, EASE_BLOCK_LARGE, EASE_PIPE, EASE_RING, EASE_CLOCK, EASE_MODULE,
	EASE_NEEDED,
	EASE_SPIN_SMALL = EASE_NEEDED, EASE_SPIN_LARGE, EASE_CHANNEL_SMALL, EASE_CHANNEL_LARGE,
};

static const char *const ease_names[] = {
	[EASE_MESSAGE] = "message_races",
	[EASE_MESSAGE_RIGHT] = "message_right_records",
	[EASE_PLAIN] = "shared_plain_races",
	[EASE_PLAIN_RIGHT] = "shared_plain_right_records",
	[EASE_SEMAPHORES] = "shared_semaphores_races",
	[EASE_SEMAPHORES_RIGHT] = "shared_semaphores_right_records",
	[EASE_RECORDS] = "records",
	[EASE_MESSAGE_STEPS] = "message_steps_to_forget",
	[EASE_MESSAGE_RACING] = "message_forgotten_steps_that_race",
	[EASE_MESSAGE_SHOWN] = "message_forgotten_steps_that_only_lose_records",
	[EASE_SHARED_STEPS] = "shared_steps_to_forget",
	[EASE_SHARED_RACING] = "shared_forgotten_steps_that_race",
	[EASE_SHARED_SHOWN] = "shared_forgotten_steps_that_only_lose_records",
	[EASE_BLOCK_SMALL] = "shared_to_pipe_blocking_64_bytes_ratio",
	[EASE_BLOCK_LARGE] = "shared_to_pipe_blocking_65536_bytes_ratio",
	[EASE_PIPE] = "pipe_blocking_64_bytes_round_trip_ns",
	[EASE_RING] = "shared_fastest_64_bytes_round_trip_ns",
	[EASE_CLOCK] = "smallest_step_of_the_clock_ns",
	[EASE_MODULE] = "module_loaded",
	[EASE_SPIN_SMALL] = "shared_to_pipe_spinning_64_bytes_ratio",
	[EASE_SPIN_LARGE] = "shared_to_pipe_spinning_65536_bytes_ratio",
	[EASE_CHANNEL_SMALL] = "channel_ring_to_copy_blocking_64_bytes_ratio",
	[EASE_CHANNEL_LARGE] = "channel_ring_to_copy_blocking_65536_bytes_ratio",
	NULL,
};

/* With each step left out in turn: what is wrong then is a race, or shows each time */
static int forget_steps(struct lab *lab, enum version version, uint32_t steps,
			struct claim_value *racing, struct claim_value *shown)
{
	unsigned int races = 0, shows = 0;
	uint32_t step;
	int err = 0;

	for (step = 0; !err && step < steps; step++) {
		struct version_seen seen;

		err = version_run(lab, version, step, &seen);
		races += !err && seen.races;
		shows += !err && !seen.races && seen.right < VERSION_RECORDS;
	}
	value_set(racing, races);
	value_set(shown, shows);
	return err;
}

static int ease_versions(struct lab *lab, struct claim_value *v)
{
	static const struct {
		enum version version;
		unsigned int races;
		unsigned int right;
	} versions[] = {
		{ VERSION_MESSAGE, EASE_MESSAGE, EASE_MESSAGE_RIGHT },
		{ VERSION_PLAIN, EASE_PLAIN, EASE_PLAIN_RIGHT },
		{ VERSION_SEMAPHORES, EASE_SEMAPHORES, EASE_SEMAPHORES_RIGHT },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		struct version_seen seen;

		err = version_run(lab, versions[i].version, STEP_NONE, &seen);
		if (err)
			return err;
		value_set(&v[versions[i].races], seen.races);
		value_set(&v[versions[i].right], seen.right);
	}
	value_set(&v[EASE_RECORDS], VERSION_RECORDS);
	value_set(&v[EASE_MESSAGE_STEPS], MESSAGE_STEPS);
	value_set(&v[EASE_SHARED_STEPS], SEMAPHORE_STEPS);
	err = forget_steps(lab, VERSION_MESSAGE, MESSAGE_STEPS, &v[EASE_MESSAGE_RACING],
			   &v[EASE_MESSAGE_SHOWN]);
	return err ? err : forget_steps(lab, VERSION_SEMAPHORES, SEMAPHORE_STEPS,
					&v[EASE_SHARED_RACING], &v[EASE_SHARED_SHOWN]);
}

static void ease_ratio(const struct lab *lab, struct claim_value *v, const char *base,
		       const char *transport, enum wait_strategy wait, size_t size)
{
	value_ratio(v, lab_case(&lab->models, base, wait, size),
		    lab_case(&lab->models, transport, wait, size));
}

/* Return: 0; -ENODATA with @lab->why filled, where one that the verdict needs is missing */
static int ease_cases(struct lab *lab)
{
	static const char *const transports[] = { "pipe", "shm-futex" };
	static const size_t sizes[] = { MODELS_SMALL, MODELS_LARGE };
	size_t i, j;

	for (i = 0; i < 2; i++)
		for (j = 0; j < 2; j++)
			if (!lab_case(&lab->models, transports[i], WAIT_BLOCK, sizes[j]))
				return lab_missing(lab, &lab->models, transports[i], WAIT_BLOCK,
						   sizes[j]);
	return 0;
}

static int ease_measure(struct lab *lab, struct claim_value *v)
{
	struct claim_value spinning = { 0 };
	int err = ease_versions(lab, v);

	if (!err)
		err = models_measure(lab);
	if (!err)
		err = ease_cases(lab);
	if (err)
		return err;
	value_set(&v[EASE_MODULE], lab->module);
	value_set(&v[EASE_CLOCK], (double)lab->clock.quantum_ns);
	ease_ratio(lab, &v[EASE_BLOCK_SMALL], "pipe", "shm-futex", WAIT_BLOCK, MODELS_SMALL);
	ease_ratio(lab, &v[EASE_BLOCK_LARGE], "pipe", "shm-futex", WAIT_BLOCK, MODELS_LARGE);
	ease_ratio(lab, &v[EASE_SPIN_SMALL], "pipe", "shm-spin", WAIT_SPIN, MODELS_SMALL);
	ease_ratio(lab, &v[EASE_SPIN_LARGE], "pipe", "shm-spin", WAIT_SPIN, MODELS_LARGE);
	ease_ratio(lab, &v[EASE_CHANNEL_SMALL], "ipcchan-copy", "ipcchan-ring", WAIT_BLOCK,
		   MODELS_SMALL);
	ease_ratio(lab, &v[EASE_CHANNEL_LARGE], "ipcchan-copy", "ipcchan-ring", WAIT_BLOCK,
		   MODELS_LARGE);
	value_time(&v[EASE_PIPE], lab_case(&lab->models, "pipe", WAIT_BLOCK, MODELS_SMALL));
	value_time(&v[EASE_RING], lab_case(&lab->models, "shm-futex", WAIT_BLOCK, MODELS_SMALL));
	value_time(&spinning, lab_case(&lab->models, "shm-spin", WAIT_SPIN, MODELS_SMALL));
	if (spinning.known && spinning.value < v[EASE_RING].value)
		v[EASE_RING] = spinning;
	return 0;
}

static struct claim_judgement ease_judge(const struct claim_value *v)
{
	static const unsigned int ratios[] = {
		EASE_BLOCK_SMALL, EASE_BLOCK_LARGE, EASE_SPIN_SMALL, EASE_SPIN_LARGE,
	};
	bool easy = !v[EASE_MESSAGE].value && v[EASE_PLAIN].value > 0 &&
		    v[EASE_MESSAGE_SHOWN].value == v[EASE_MESSAGE_STEPS].value;
	unsigned int i, known = 0, faster = 0;

	for (i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
		known += v[ratios[i]].known;
		faster += value_below(&v[ratios[i]], 1);
	}
	if (v[EASE_MESSAGE_RIGHT].value < v[EASE_RECORDS].value)
		return judged(CLAIM_FAILS, N_("not all records come right with messages, though "
					      "no step is forgotten"));
	if (!easy)
		return judged(CLAIM_FAILS, N_("messages race here as well, a forgotten step does "
					      "not show, or shared memory does not race"));
	if (!faster)
		return judged(CLAIM_CONDITION, N_("messages are easier to get right, but shared "
						  "memory is not faster here"));
	if (faster < known)
		return judged(CLAIM_CONDITION, N_("shared memory is faster at some sizes and ways "
						  "to wait only"));
	/* what takes less than the clock can tell is free */
	if (v[EASE_RING].value > v[EASE_CLOCK].value)
		return judged(CLAIM_CONDITION, N_("shared memory is faster at each size and way "
						  "to wait, but not free: the bytes have to get "
						  "to the other processor, and a process that "
						  "waits has to learn of them"));
	return judged(CLAIM_HOLDS, NULL);
}

static void tell_versions(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Of %s records %s came right with messages, %s with shared memory and a "
		       "plain flag, %s with semaphores, and the checker finds %s, %s and %s "
		       "races: with messages each process has memory of its own, in which there "
		       "is nothing to race for."),
		  claim_number(t, &v[EASE_RECORDS]), claim_number(t, &v[EASE_MESSAGE_RIGHT]),
		  claim_number(t, &v[EASE_PLAIN_RIGHT]),
		  claim_number(t, &v[EASE_SEMAPHORES_RIGHT]), claim_number(t, &v[EASE_MESSAGE]),
		  claim_number(t, &v[EASE_PLAIN]), claim_number(t, &v[EASE_SEMAPHORES]));
	claim_say(t, _("Of the %s steps that order the processes with messages %s race when they "
		       "are forgotten, and %s show, as not all records come right; of the "
		       "%s with semaphores %s race, and %s show."),
		  claim_number(t, &v[EASE_MESSAGE_STEPS]),
		  claim_number(t, &v[EASE_MESSAGE_RACING]),
		  claim_number(t, &v[EASE_MESSAGE_SHOWN]),
		  claim_number(t, &v[EASE_SHARED_STEPS]),
		  claim_number(t, &v[EASE_SHARED_RACING]),
		  claim_number(t, &v[EASE_SHARED_SHOWN]));
}

static void ease_tell(const struct claim_value *v, struct claim_text *t)
{
	tell_versions(v, t);
	claim_say(t, _("A round trip through shared memory takes, of one through a pipe, blocking, "
		       "%s at 64 bytes and %s at 64 KiB."), claim_number(t, &v[EASE_BLOCK_SMALL]),
		  claim_number(t, &v[EASE_BLOCK_LARGE]));
	if (v[EASE_SPIN_SMALL].known || v[EASE_SPIN_LARGE].known)
		claim_say(t, _("Where both look again and again instead of sleeping, it takes %s "
			       "and %s."), claim_number(t, &v[EASE_SPIN_SMALL]),
			  claim_number(t, &v[EASE_SPIN_LARGE]));
	else
		claim_say(t, _("Processes that look again and again need two CPUs, and these to "
			       "themselves: they could not be measured."));
	claim_say(t, _("The fastest through shared memory still takes %s ns, one through a pipe %s "
		       "ns."), claim_number(t, &v[EASE_RING]), claim_number(t, &v[EASE_PIPE]));
	if (v[EASE_MODULE].value)
		claim_say(t, _("The ring of a channel of ipcchan takes, of its copying, %s at 64 "
			       "bytes and %s at 64 KiB."), claim_number(t, &v[EASE_CHANNEL_SMALL]),
			  claim_number(t, &v[EASE_CHANNEL_LARGE]));
	else
		claim_say(t, _("The module of ipcchan is not loaded, or may not be used: "
			       "its channels were left out."));
}

const struct claim claim_ease = {
	.number = 6,
	.concept = N_("Two models"),
	.statement = N_("Message passing is comparatively easy to implement. Shared memory is "
			"fast, and communication is free."),
	.done = N_("A program that hands records from one process to another is run in three "
		   "versions under a checker of races, and again with each step forgotten that "
		   "orders the processes. Round trips through a pipe and through shared memory are "
		   "measured in two sizes and two ways to wait."),
	.names = ease_names,
	.needed = EASE_NEEDED,
	.measure = ease_measure,
	.judge = ease_judge,
	.tell = ease_tell,
};
