// SPDX-License-Identifier: GPL-2.0
/* Who reads before the other one has written. */
#include <errno.h>
#include <sched.h>
#include <sys/mman.h>

#include "lab.h"
#include "nls.h"

/* Words of a record: enough for a reader to come by while it is being written */
#define WORDS		512

/*
 * Once in so many rounds the writer gives the CPU away in the midst of a record: where there is
 * one for both, too, the reader comes by there.
 */
#define YIELD_EVERY	15

#define ROUNDS		4000
#define QUICK_ROUNDS	1000

/* On a busy machine fewer: no round begins later, nanoseconds */
#define LIMIT_NS	(LAB_SECONDS * 1000000000ull / 8)

enum { WRITER, READER };

/**
 * struct early - of both processes
 * @rounds: of both, which the writer may make fewer as long as a round has not begun
 * @checks: the reader looks whether the record is there yet
 * @begin: round that each process has come to
 * @there: record that is whole
 * @stale: rounds in which the reader saw the record before
 * @torn: in which it saw a part of each
 */
struct early {
	_Alignas(128) _Atomic uint32_t begin[SIDES];
	_Alignas(128) _Atomic uint32_t there;
	_Alignas(128) _Atomic uint32_t record[WORDS];
	_Alignas(128) _Atomic uint32_t rounds;
	bool checks;
	uint32_t stale;
	uint32_t torn;
};

/* Nobody begins a round before the other one is there */
static void meet(struct early *e, unsigned int index, uint32_t round)
{
	atomic_store(&e->begin[index], round);
	while (atomic_load(&e->begin[!index]) < round)
		sched_yield();
}

static void write_record(struct early *e, uint32_t round)
{
	unsigned int i;

	for (i = 0; i < WORDS; i++) {
		if (i == WORDS / 2 && round % YIELD_EVERY == 0)
			sched_yield();
		atomic_store_explicit(&e->record[i], round, memory_order_relaxed);
	}
	atomic_store_explicit(&e->there, round, memory_order_release);
}

static void read_record(struct early *e, uint32_t round)
{
	unsigned int i, old = 0;

	while (e->checks && atomic_load_explicit(&e->there, memory_order_acquire) != round)
		sched_yield();
	for (i = 0; i < WORDS; i++)
		old += atomic_load_explicit(&e->record[i], memory_order_relaxed) != round;
	e->stale += old == WORDS;
	e->torn += old > 0 && old < WORDS;
}

static int run(void *arg, unsigned int index)
{
	uint64_t until = clock_ns() + LIMIT_NS;
	struct early *e = arg;
	uint32_t round;

	for (round = 1; round <= atomic_load(&e->rounds); round++) {
		if (index == WRITER && clock_ns() > until)
			atomic_store(&e->rounds, round);
		meet(e, index, round);
		(index == WRITER ? write_record : read_record)(e, round);
	}
	return 0;
}

enum { EARLY_ROUNDS, EARLY_STALE, EARLY_TORN, EARLY_CHECKED, EARLY_NEEDED };

static const char *const early_names[] = {
	[EARLY_ROUNDS] = "rounds",
	[EARLY_STALE] = "unchecked_stale_reads",
	[EARLY_TORN] = "unchecked_torn_reads",
	[EARLY_CHECKED] = "checked_wrong_reads",
	NULL,
};

static int early_run(struct lab *lab, struct early *e, bool checks)
{
	*e = (struct early){ .checks = checks, .rounds = lab->quick ? QUICK_ROUNDS : ROUNDS };
	return lab_run(lab, SIDES, run, e);
}

static int early_measure(struct lab *lab, struct claim_value *v)
{
	struct early *e = lab_memory(lab, sizeof(*e));
	int err;

	if (!e)
		return -ENOMEM;
	err = early_run(lab, e, false);
	value_set(&v[EARLY_ROUNDS], atomic_load(&e->rounds));
	value_set(&v[EARLY_STALE], e->stale);
	value_set(&v[EARLY_TORN], e->torn);
	if (!err)
		err = early_run(lab, e, true);
	value_set(&v[EARLY_CHECKED], e->stale + e->torn);
	munmap(e, sizeof(*e));
	return err;
}

static struct claim_judgement early_judge(const struct claim_value *v)
{
	if (v[EARLY_CHECKED].value > 0)
		return judged(CLAIM_CONDITION, N_("B reads too early even where it checks"));
	if (v[EARLY_STALE].value + v[EARLY_TORN].value > 0)
		return judged(CLAIM_HOLDS, NULL);
	return judged(CLAIM_FAILS, N_("B never came before A"));
}

static void early_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("In %s rounds B read the old record %s times and parts of both %s times."),
		  claim_number(t, &v[EARLY_ROUNDS]), claim_number(t, &v[EARLY_STALE]),
		  claim_number(t, &v[EARLY_TORN]));
	claim_say(t, _("Where B checks first, that happened %s times."),
		  claim_number(t, &v[EARLY_CHECKED]));
}

const struct claim claim_early = {
	.number = 8,
	.concept = N_("Shared memory"),
	.statement = N_("B may read before A has written; somebody must check whether the data is "
			"there yet."),
	.done = N_("Again and again A writes a record of 2 KiB into shared memory while B reads "
		   "it: first whenever it comes by, then once a flag says that it is there."),
	.names = early_names,
	.needed = EARLY_NEEDED,
	.measure = early_measure,
	.judge = early_judge,
	.tell = early_tell,
};
