// SPDX-License-Identifier: GPL-2.0
#include "runner.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../nls.h"
#include "child.h"
#include "crew.h"
#include "judge.h"
#include "limit.h"
#include "mesh.h"
#include "workload.h"

/**
 * struct run - one run of a case
 * @children: the first of them send, as many as the crew of @link has
 * @live: as of runner_run(), with @live_arg
 */
struct run {
	struct run_plan plan;
	struct run_shared *shared;
	struct link link;
	struct children children;
	void (*live)(void *arg, const struct hist *hist, uint32_t batch);
	void *live_arg;
};

static unsigned int started;
static volatile sig_atomic_t ended_by;
static sigset_t mask_before;
static const int end_signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

#define END_SIGNALS	(sizeof(end_signals) / sizeof(end_signals[0]))

static struct sigaction action_before[END_SIGNALS];

static void on_signal(int number)
{
	ended_by = number;
}

void runner_start(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t mask;
	size_t i;

	if (started++)
		return;
	sigemptyset(&mask);
	for (i = 0; i < END_SIGNALS; i++)
		sigaddset(&mask, end_signals[i]);
	sigprocmask(SIG_BLOCK, &mask, &mask_before);
	ended_by = 0;
	for (i = 0; i < END_SIGNALS; i++) {
		sigaction(end_signals[i], NULL, &action_before[i]);
		if (action_before[i].sa_handler != SIG_IGN)
			sigaction(end_signals[i], &action, NULL);
	}
}

void runner_stop(void)
{
	size_t i;

	if (--started)
		return;
	for (i = 0; i < END_SIGNALS; i++)
		sigaction(end_signals[i], &action_before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

/* The parent deals with Ctrl-C and Ctrl-\; a peer that is gone shall be an error to see */
static void child_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

static int side_of(const struct run *run, unsigned int index)
{
	return index >= run->link.crew[0];
}

static void child_main(void *arg, unsigned int index)
{
	struct run *run = arg;
	struct link *link = &run->link;
	int side = side_of(run, index), err;

	child_signals();
	link->index = side ? index - link->crew[0] : index;
	err = placement_pin(&run->plan.placement, side);
	if (err) {
		snprintf(run->shared->why[index], WHY_SIZE, "cannot run on CPU %d: %s",
			 run->plan.placement.cpu[side], strerror(-err));
		_exit(CHILD_REFUSED);
	}
	if (link->transport->attach(link, side)) {
		memcpy(run->shared->why[index], link->why, WHY_SIZE);
		_exit(CHILD_REFUSED);
	}
	if (run->shared->mesh)
		_exit(mesh_run(&run->plan, run->shared, link, index));
	_exit((link->transport->run ? link->transport->run : workload_run)
	      (&run->plan, run->shared, link, side));
}

/* Of many processes, what no single one can know.  Return: whether all messages came. */
static bool settle(struct bench_case *c, const struct run *run)
{
	char why[WHY_SIZE];

	if (!run->shared->mesh || mesh_settle(run->shared, why))
		return true;
	case_fail(c, OUTCOME_FAILED, STATUS_CORRUPT "%s", why);
	return false;
}

static void case_add_fairness(struct bench_case *c, const struct run *run)
{
	const struct mesh *mesh = run->shared->mesh;

	if (mesh && mesh->crew[0] > 1 && !run->plan.messages)
		c->fairness[0] += mesh_fairness(mesh, 0);
	if (mesh && mesh->crew[1] > 1)
		c->fairness[1] += mesh_fairness(mesh, 1);
}

static void case_add(struct bench_case *c, const struct run *run)
{
	const struct run_shared *s = run->shared;
	double rate = 0;

	ledger_add(&c->ledger, s->ledger, run->children.nr, s->messages);
	if (run->plan.counts)
		return;
	c->batch = atomic_load(&s->batch);
	c->messages += s->messages;
	if (c->workload == WORKLOAD_OPENLOOP)
		load_add(&c->load, &s->load);
	if (s->wall_ns)
		rate = (double)s->messages * 1e9 / (double)s->wall_ns;
	case_keep(c, &s->hist, rate, &run->plan.clock);
	case_add_fairness(c, run);
	if (s->mesh)
		c->lost += s->mesh->lost;
	c->outcome = OUTCOME_OK;
	snprintf(c->status, sizeof(c->status), "ok");
}

static void make_plan(struct run_plan *plan, const struct bench *bench,
		      const struct bench_case *c)
{
	*plan = (struct run_plan){
		.workload = c->workload,
		.payload = bench->opts.payload,
		.placement = c->placement,
		.messages = bench->opts.messages,
		.duration_ns = bench->opts.duration_ns,
		.warmup_ns = bench->opts.warmup_ns,
		.batch = c->batch,
		.runs = bench->opts.runs,
		.arrivals = c->load.arrivals,
		.gap_ns = c->load.offered_per_s > 0 ? 1e9 / c->load.offered_per_s : 0,
		.seed = bench->opts.seed + c->runs,
		.timeout_ns = bench->opts.timeout_ns,
		.counts = c->runs == bench->opts.runs,
		.clock = bench->clock,
	};
}

static void show_live(void *run)
{
	const struct run *r = run;

	r->live(r->live_arg, &r->shared->hist, atomic_load(&r->shared->batch));
}

/* What to do against it, where a limit is in the way */
static const char *limit_hint(int err)
{
	if (err == -EMFILE)
		return N_("; raise ulimit -n");
	return err == -EAGAIN ? N_("; raise ulimit -u, or kernel.pid_max") : "";
}

static int start_and_watch(struct bench *bench, struct bench_case *c, struct run *run)
{
	const struct child_watch watch = {
		.timeout_ns = bench->opts.timeout_ns,
		.mask = &mask_before,
		.ended_by = &ended_by,
		.live = run->live ? show_live : NULL,
		.arg = run,
	};
	unsigned int i;
	int err = 0;

	fflush(NULL);
	for (i = 0; i < run->children.nr && !err; i++)
		err = child_start(&run->children, i, child_main, run);
	if (err) {
		case_fail(c, OUTCOME_FAILED, "no process: %s%s", strerror(-err),
			  limit_hint(err));
		return err;
	}
	err = children_watch(&run->children, &watch);
	if (err == -EINTR)
		bench->interrupted = ended_by;
	return err;
}

static void run_children(struct bench *bench, struct bench_case *c, struct run *run)
{
	uint64_t timeout = bench->opts.timeout_ns;
	int held = run->plan.counts ? ledger_hold() : -1;
	int err = start_and_watch(bench, c, run);
	bool ended = children_end(&run->children);

	if (held >= 0)
		close(held);
	if (!ended)
		case_fail(c, OUTCOME_FAILED, "stuck in the kernel: a process that SIGKILL "
			  "did not end in %.3g s", (double)CHILD_STUCK_NS / 1e9);
	else if (err == -ETIMEDOUT)
		judge_timeout(c, run->shared, timeout);
	else if (!err && judge_children(c, &run->children, run->shared, run->link.crew[0]) &&
		 settle(c, run))
		case_add(c, run);
}

static int link_setup(void *link)
{
	struct link *l = link;

	return l->transport->setup(l);
}

/* Return: whether there is something to be run */
static bool set_up(struct bench *bench, struct bench_case *c, struct link *link)
{
	uint64_t timeout = bench->opts.timeout_ns;
	int err = limit_run(link_setup, link, timeout, &mask_before);

	if (ended_by)
		bench->interrupted = ended_by;
	else if (err == -ETIMEDOUT)
		case_fail(c, OUTCOME_FAILED, "timeout: not set up after %.3g s",
			  (double)timeout / 1e9);
	else if (err == -EMFILE)
		case_fail(c, OUTCOME_REFUSED, "refused: %s%s", link->why, limit_hint(err));
	else if (err)
		/* -EAGAIN may be of another limit, which the transport then names itself */
		case_fail(c, OUTCOME_REFUSED, "refused: %s", link->why);
	else
		return true;
	return false;
}

/* With room for what it shares with its processes */
static void run_once(struct bench *bench, struct bench_case *c, struct run *run)
{
	struct link *link = &run->link;

	if (set_up(bench, c, link)) {
		/* The most that it held: a block of as much is a whole queue. */
		if (link->depth > c->depth)
			c->depth = link->depth;
		c->per_call = link->per_call;
		run_children(bench, c, run);
	}
	link->transport->teardown(link);
}

void runner_run(struct bench *bench, struct bench_case *c,
		void (*live)(void *, const struct hist *, uint32_t), void *arg)
{
	bool many = workload_is_of_many(c->workload);
	bool each = c->workload == WORKLOAD_BROADCAST;
	bool links = each && c->transport->many & EACH_LINKS;
	struct run run = {
		.link = { .transport = links ? &transport_each : c->transport,
			  .links_of = links ? c->transport : NULL,
			  .each = each,
			  .workload = many ? WORKLOAD_STREAM : c->workload,
			  .crew = { many ? c->producers : 1, many ? c->consumers : 1 },
			  .wait = c->wait,
			  .tx_nr = 1, .rx_nr = 1,
			  .size = c->size, .batch = bench->opts.batch, .per_call = 1,
			  .tx_fd = -1, .rx_fd = -1, .epoll = { -1, -1 } },
		.live = live,
		.live_arg = arg,
	};
	const unsigned int nr = run.link.crew[0] + run.link.crew[1];

	run.link.depth = case_depth(bench, c);
	make_plan(&run.plan, bench, c);
	run.shared = run_shared_new(nr);
	if (run.shared && many)
		run.shared->mesh = mesh_new(&run.link);
	if (!run.shared || (many && !run.shared->mesh) ||
	    children_init(&run.children, nr)) {
		case_fail(c, OUTCOME_FAILED, "no memory for a run");
	} else {
		run_once(bench, c, &run);
		children_free(&run.children);
	}
	if (run.shared) {
		mesh_free(run.shared->mesh);
		run_shared_free(run.shared, nr);
	}
}

/* What runner_processes() gives to each */
struct processes {
	void (*work)(void *arg, unsigned int index);
	void *arg;
};

static void process_main(void *arg, unsigned int index)
{
	const struct processes *p = arg;

	child_signals();
	p->work(p->arg, index);
}

/* Return: 0 when all ended well; negative errno with @why filled */
static int judge_processes(const struct children *children, char *why)
{
	unsigned int i;

	for (i = 0; i < children->nr; i++) {
		const siginfo_t *status = &children->child[i].status;

		if (!child_failed(&children->child[i]))
			continue;
		if (status->si_code == CLD_EXITED)
			snprintf(why, WHY_SIZE, _("process %u: %s"), i,
				 strerror(status->si_status));
		else
			snprintf(why, WHY_SIZE, _("process %u was ended by signal %d"), i,
				 status->si_status);
		return status->si_code == CLD_EXITED ? -status->si_status : -ECHILD;
	}
	return 0;
}

static void say_no_process(char *why, int err)
{
	const char *hint = limit_hint(err);

	/* of no text there is no translation */
	snprintf(why, WHY_SIZE, _("no process: %s%s"), strerror(-err), *hint ? _(hint) : "");
}

int runner_processes(unsigned int nr, void (*work)(void *, unsigned int), void *arg,
		     uint64_t timeout_ns, int *interrupted, char *why)
{
	const struct child_watch watch = {
		.timeout_ns = timeout_ns, .mask = &mask_before, .ended_by = &ended_by,
	};
	struct processes processes = { .work = work, .arg = arg };
	struct children children;
	unsigned int i;
	int err = children_init(&children, nr);

	if (err) {
		snprintf(why, WHY_SIZE, "%s", _("no memory for processes"));
		return err;
	}
	fflush(NULL);
	for (i = 0; i < nr && !err; i++)
		err = child_start(&children, i, process_main, &processes);
	if (err)
		say_no_process(why, err);
	else
		err = children_watch(&children, &watch);
	if (!children_end(&children) && !err)
		err = -ETIMEDOUT;
	if (err == -EINTR)
		*interrupted = ended_by;
	if (err == -ETIMEDOUT || err == -EINTR)
		snprintf(why, WHY_SIZE, "%s", err == -EINTR ? _("ended early") :
							   _("it has not ended in time"));
	else if (!err)
		err = judge_processes(&children, why);
	children_free(&children);
	return err;
}
