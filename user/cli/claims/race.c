// SPDX-License-Identifier: GPL-2.0
#include "race.h"

#include <sched.h>

static void lock(struct race_checker *c)
{
	while (atomic_flag_test_and_set_explicit(&c->lock, memory_order_acquire))
		sched_yield();
}

static void unlock(struct race_checker *c)
{
	atomic_flag_clear_explicit(&c->lock, memory_order_release);
}

/* A clock of 0 is of what never happened. */
void race_init(struct race_checker *c)
{
	unsigned int task;

	atomic_flag_clear(&c->lock);
	for (task = 0; task < RACE_TASKS; task++)
		c->task[task].at[task] = 1;
}

static void join(struct race_clock *clock, const struct race_clock *other)
{
	unsigned int task;

	for (task = 0; task < RACE_TASKS; task++)
		if (clock->at[task] < other->at[task])
			clock->at[task] = other->at[task];
}

/* Of the last steps of the other tasks: does @task not know that they have been? */
static void compare(struct race_checker *c, unsigned int task, const struct race_step *others,
		    unsigned int step)
{
	unsigned int other;

	for (other = 0; other < RACE_TASKS; other++) {
		if (other == task || others[other].at <= c->task[task].at[other])
			continue;
		c->found[others[other].step][step] = true;
		c->found[step][others[other].step] = true;
	}
}

void race_read(struct race_checker *c, unsigned int task, unsigned int place, unsigned int step)
{
	struct race_place *p = &c->place[place];

	lock(c);
	compare(c, task, p->written, step);
	p->read[task] = (struct race_step){ c->task[task].at[task], step };
	unlock(c);
}

void race_write(struct race_checker *c, unsigned int task, unsigned int place,
		unsigned int step)
{
	struct race_place *p = &c->place[place];

	lock(c);
	compare(c, task, p->written, step);
	compare(c, task, p->read, step);
	p->written[task] = (struct race_step){ c->task[task].at[task], step };
	unlock(c);
}

void race_permit(struct race_checker *c, unsigned int order)
{
	c->order[order].released++;
}

void race_release(struct race_checker *c, unsigned int task, unsigned int order)
{
	struct race_order *o = &c->order[order];

	lock(c);
	o->clock[o->released++] = c->task[task];
	c->task[task].at[task]++;
	unlock(c);
}

void race_acquire(struct race_checker *c, unsigned int task, unsigned int order)
{
	struct race_order *o = &c->order[order];

	lock(c);
	join(&c->task[task], &o->clock[o->acquired++]);
	unlock(c);
}

unsigned int race_count(const struct race_checker *c)
{
	unsigned int a, b, n = 0;

	for (a = 0; a < RACE_STEPS; a++)
		for (b = a; b < RACE_STEPS; b++)
			n += c->found[a][b];
	return n;
}
