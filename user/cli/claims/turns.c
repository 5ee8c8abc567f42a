// SPDX-License-Identifier: GPL-2.0
/* Shared memory that both processes read and write. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/shm.h>

#include "bench/random.h"
#include "nls.h"
#include "segment.h"
#include "stranger.h"

/* Each of both waits for the other one's time slice to end where they share a CPU. */
#define ROUNDS		100

enum { BOTH_ROUNDS, BOTH_RIGHT, BOTH_READ_ONLY, BOTH_NEEDED };

static const char *const both_names[] = {
	[BOTH_ROUNDS] = "rounds",
	[BOTH_RIGHT] = "right_rounds",
	[BOTH_READ_ONLY] = "write_to_read_only_signal",
	NULL,
};

/**
 * struct turns - in the segment
 * @next: of all turns of both, the one that is to be taken
 * @number: what the first has written, and, after it, the other one instead of it
 */
struct turns {
	_Atomic uint32_t next;
	uint32_t number;
};

static void await_turn(const struct turns *t, uint32_t turn)
{
	while (atomic_load(&t->next) != turn)
		sched_yield();
}

/* The answer to a number: who has not read it cannot know it */
static uint32_t answer_to(uint32_t number)
{
	return ~number;
}

/* Return: rounds in which the answer to what was written was to be read in the same place */
static unsigned int ask_all(struct turns *t)
{
	uint64_t random = clock_ns();
	unsigned int right = 0;
	uint32_t i, asked;

	for (i = 0; i < ROUNDS; i++) {
		asked = (uint32_t)random_next(&random);
		t->number = asked;
		atomic_store(&t->next, 2 * i + 1);
		await_turn(t, 2 * i + 2);
		right += t->number == answer_to(asked);
	}
	return right;
}

static void answer_all(struct turns *t)
{
	uint32_t i;

	for (i = 0; i < ROUNDS; i++) {
		await_turn(t, 2 * i + 1);
		t->number = answer_to(t->number);
		atomic_store(&t->next, 2 * i + 2);
	}
}

static int take_turns(struct segment *s, unsigned int side)
{
	struct turns *t = segment_attach(s->sysv.id, 0);

	if (!t)
		return -errno;
	if (side)
		answer_all(t);
	else
		value_set(&s->v[BOTH_RIGHT], ask_all(t));
	return 0;
}

static int both_run(void *arg, unsigned int side)
{
	struct segment *s = arg;
	int err = take_turns(s, side), signal;
	void *mem;

	if (err || side)
		return err;
	mem = segment_attach(s->sysv.id, SHM_RDONLY);
	if (!mem)
		return -errno;
	signal = fall_signal(segment_write, mem);
	value_set(&s->v[BOTH_READ_ONLY], signal);
	return signal < 0 ? signal : 0;
}

static int both_measure(struct lab *lab, struct claim_value *v)
{
	int err = segment_run(lab, v, both_run, SIDES);

	value_set(&v[BOTH_ROUNDS], ROUNDS);
	return err;
}

static struct claim_judgement both_judge(const struct claim_value *v)
{
	if (v[BOTH_RIGHT].value < v[BOTH_ROUNDS].value)
		return judged(CLAIM_FAILS, N_("both cannot read and write it"));
	if (v[BOTH_READ_ONLY].value != SIGSEGV)
		return judged(CLAIM_CONDITION, N_("both can read and write it, even who attached "
						  "it for reading only"));
	return judged(CLAIM_HOLDS, NULL);
}

static void both_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("In %s of %s rounds one process read in the place of its number the answer "
		       "to it, which the other one can only know from there."),
		  claim_number(t, &v[BOTH_RIGHT]), claim_number(t, &v[BOTH_ROUNDS]));
	claim_say(t, _("Who needs to read only can attach it so: %s ended who wrote there then "
		       "(SIGSEGV is 11)."), claim_signal(t, &v[BOTH_READ_ONLY]));
}

const struct claim claim_both = {
	.number = 23,
	.concept = N_("Shared memory"),
	.statement = N_("It is used when processes need both to read and to write."),
	.done = N_("One process writes random numbers into a shared segment, and another one, in "
		   "turn, reads each and writes its answer in the same place, which the first one "
		   "compares. Then one attaches it for reading only, and writes."),
	.names = both_names,
	.needed = BOTH_NEEDED,
	.measure = both_measure,
	.judge = both_judge,
	.tell = both_tell,
};
