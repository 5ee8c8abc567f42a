// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "witness.h"
#include "worker.h"

/* One block more is as often as not a matter of luck. */
#define DISTILL_BLOCKS	2

#define MARK_WANTED	1
#define MARK_MET	2

static struct worker *me;
static uint8_t mark[COVER_EDGES];

void worker_next(struct random *r, struct prog *p)
{
	uint32_t nr = __atomic_load_n(&shared->nr, __ATOMIC_ACQUIRE), at;
	const struct prog *other;

	if (!nr || random_one_in(r, 8)) {
		gen_new(r, p);
		return;
	}
	/* Those that were found last half of the time */
	at = random_below(r, nr);
	if (nr > 64 && random_below(r, 2))
		at = nr - 1 - random_below(r, nr / 8);
	*p = shared->corpus[at];
	other = &shared->corpus[random_below(r, nr)];
	/* Another process may not have completed one yet. */
	if (prog_valid(p))
		gen_mutate(r, p, prog_valid(other) ? other : p);
	else
		gen_new(r, p);
}

static void run(const struct prog *p)
{
	me->calls += exec_run(p);
	me->programs++;
}

/* Calls what is new in the last run: `visit' returns how many it counts. */
static unsigned int each_new(unsigned int (*visit)(uint32_t edge))
{
	unsigned int i, j, n = 0;

	for (i = 0; i < THREADS; i++) {
		const struct cover *c = exec_cover(i);

		for (j = 0; j < c->nr_new; j++)
			n += visit(c->new[j]);
	}
	return n;
}

static unsigned int mark_wanted(uint32_t edge)
{
	bool fresh = !mark[edge];

	mark[edge] = MARK_WANTED;
	return fresh;
}

static unsigned int mark_met(uint32_t edge)
{
	if (mark[edge] != MARK_WANTED)
		return 0;
	mark[edge] = MARK_MET;
	return 1;
}

/* Which of the edges the last run has met: the others are not wanted any more. */
struct wanted {
	uint32_t nr;
	uint32_t edge[THREADS * COVER_NEW_MAX];
};

static struct wanted wanted;

static unsigned int wanted_add(uint32_t edge)
{
	if (!mark_wanted(edge))
		return 0;
	wanted.edge[wanted.nr++] = edge;
	return 1;
}

static void wanted_end(void)
{
	unsigned int i;

	for (i = 0; i < wanted.nr; i++)
		mark[wanted.edge[i]] = 0;
	cover_learn(wanted.edge, wanted.nr);
	wanted.nr = 0;
}

/* How many of those that are wanted a run meets; they are wanted again afterwards. */
static unsigned int meets(const struct prog *p)
{
	unsigned int i, n;

	run(p);
	n = each_new(mark_met);
	for (i = 0; i < wanted.nr; i++)
		if (mark[wanted.edge[i]] == MARK_MET)
			mark[wanted.edge[i]] = MARK_WANTED;
	return n;
}

/* Leaves out each call that the program meets as much without. */
static void cut_down(struct prog *p, unsigned int enough)
{
	struct prog less;
	unsigned int i;

	for (i = p->nr; i-- > 0 && p->nr > 1 && !shared->stop;) {
		less = *p;
		prog_remove(&less, i);
		if (meets(&less) >= enough)
			*p = less;
	}
}

static void try(const struct prog *p)
{
	struct prog kept = *p;
	unsigned int stable;

	run(p);
	if (!each_new(wanted_add))
		return;
	stable = meets(p);
	if (stable)
		cut_down(&kept, stable);
	shared_add(&kept);
	me->kept++;
	wanted_end();
}

static int batch_open(const struct job *job)
{
	char path[256];

	if (!job->out)
		return -1;
	snprintf(path, sizeof(path), "%s/worker-%u.progs", job->out, job->nr);
	return open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

/* Before they are run, in case that the machine does not come to tell of it. */
static void batch_note(int fd)
{
	if (fd >= 0 && pwrite(fd, me, sizeof(*me), 0) < 0)
		perror("fuzz: cannot note the programs that are run next");
}

static void load_rest(const struct job *job, int fd)
{
	uint32_t i, n;

	for (i = job->nr; i < shared->loaded && !shared->stop;) {
		for (n = 0; n < BATCH; n++)
			me->batch[n] = shared->corpus[(i + n * job->workers) % shared->loaded];
		batch_note(fd);
		for (n = 0; n < BATCH && i < shared->loaded; n++, i += job->workers) {
			me->at = n;
			run(&me->batch[n]);
			each_new(wanted_add);
			wanted_end();
		}
	}
}

int worker_main(const struct job *job)
{
	struct random r = { job->seed ^ (uint64_t)(job->nr + 1) << 56 };
	int fd = batch_open(job);
	uint32_t i;

	me = &shared->worker[job->nr];
	/* One that is started anew goes on with other programs. */
	r.state += me->programs;
	if (exec_init(job->cover))
		return 2;
	load_rest(job, fd);
	while (!shared->stop) {
		for (i = 0; i < BATCH; i++)
			worker_next(&r, &me->batch[i]);
		batch_note(fd);
		for (i = 0; i < BATCH && !shared->stop; i++) {
			me->at = i;
			try(&me->batch[i]);
		}
	}
	witness_wait();
	return 0;
}

int worker_distill(FILE *f)
{
	uint32_t i, before;

	me = &shared->worker[0];
	if (!cover_base() || exec_init(true))
		return -EIO;
	for (i = 0; i < shared->nr; i++) {
		before = shared->cover.blocks;
		run(&shared->corpus[i]);
		if (shared->cover.blocks >= before + DISTILL_BLOCKS)
			prog_print(f, &shared->corpus[i]);
	}
	return ferror(f) ? -EIO : 0;
}

int worker_replay(unsigned long times)
{
	uint32_t i;

	me = &shared->worker[0];
	if (exec_init(false))
		return -EIO;
	while (times--)
		for (i = 0; i < shared->nr; i++)
			run(&shared->corpus[i]);
	witness_wait();
	return 0;
}
