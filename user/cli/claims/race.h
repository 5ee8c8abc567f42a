/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A checker of data races between two processes: each step at a place of memory, and each one
 * that puts processes in order, is told to it.  Two steps at one place, of which one writes,
 * are a race when nothing puts one of them before the other (L. Lamport, "Time, clocks, and the
 * ordering of events in a distributed system", 1978, by vector clocks as in C. Flanagan and
 * S. N. Freund, "FastTrack", 2009).  So it finds races of a run that went well, too.
 */
#ifndef CLAIMS_RACE_H
#define CLAIMS_RACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define RACE_TASKS	2
#define RACE_PLACES	8
#define RACE_ORDERS	4
#define RACE_STEPS	16

/* What is let by at an order, in all */
#define RACE_TIMES	256

/* What each task has come to, as far as somebody knows */
struct race_clock {
	uint32_t at[RACE_TASKS];
};

/**
 * struct race_step - the last one of a task at a place
 * @at: by the task's own clock, 0 for none
 * @step: which of the program's
 */
struct race_step {
	uint32_t at;
	unsigned int step;
};

/**
 * struct race_order - where tasks are let by, as a semaphore, or the messages of a queue
 * @clock: what each time one is let by makes known
 * @released: so often somebody has let one by
 * @acquired: and so often one has come by, each after the release of its own number
 */
struct race_order {
	struct race_clock clock[RACE_TIMES];
	unsigned int released;
	unsigned int acquired;
};

struct race_place {
	struct race_step read[RACE_TASKS];
	struct race_step written[RACE_TASKS];
};

/**
 * struct race_checker - in memory that the tasks share, from race_init() on
 * @lock: of all this
 * @task: what each task knows
 * @found: pairs of steps that race
 */
struct race_checker {
	atomic_flag lock;
	struct race_clock task[RACE_TASKS];
	struct race_order order[RACE_ORDERS];
	struct race_place place[RACE_PLACES];
	bool found[RACE_STEPS][RACE_STEPS];
};

/** race_init() - nothing has happened yet; @c is zeroed */
void race_init(struct race_checker *c);

/** race_permit() - the first to come by at @order is let by nobody, as with a count of 1 */
void race_permit(struct race_checker *c, unsigned int order);

/** race_read() - @task reads @place, which is @step of its program */
void race_read(struct race_checker *c, unsigned int task, unsigned int place, unsigned int step);

/** race_write() - likewise, writes */
void race_write(struct race_checker *c, unsigned int task, unsigned int place,
		unsigned int step);

/**
 * race_release() - before @task lets one by at @order, as who sends, posts or unlocks
 *
 * At most RACE_TIMES times.
 */
void race_release(struct race_checker *c, unsigned int task, unsigned int order);

/** race_acquire() - after @task was let by there, as who receives, waits or locks */
void race_acquire(struct race_checker *c, unsigned int task, unsigned int order);

/** race_count() - pairs of steps of the programs that raced */
unsigned int race_count(const struct race_checker *c);

#endif /* CLAIMS_RACE_H */
