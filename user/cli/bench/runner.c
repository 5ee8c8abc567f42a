// SPDX-License-Identifier: GPL-2.0
#include "runner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "workload.h"

#define LIVE_MS		250

/* A side that lost its peer often fails first: time for the cause to show */
#define GRACE_NS	100000000ull

/* What has been killed is waited for so long, with so long naps between two looks */
#define STUCK_NS	3000000000ull
#define NAP_NS		1000000

/**
 * struct child
 * @fd: pidfd, -1 once it has been waited for
 * @killed: by us
 * @status: as of waitid(), of one that has been waited for
 */
struct child {
	pid_t pid;
	int fd;
	bool killed;
	siginfo_t status;
};

struct run {
	struct run_plan plan;
	struct run_shared *shared;
	struct link link;
	struct child child[SIDES];
};

static volatile sig_atomic_t ended_by;
static sigset_t mask_before;
static const int end_signals[] = { SIGINT, SIGTERM, SIGHUP };
static struct sigaction action_before[3];

static void on_signal(int number)
{
	ended_by = number;
}

void runner_start(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t mask;
	size_t i;

	sigemptyset(&mask);
	for (i = 0; i < 3; i++)
		sigaddset(&mask, end_signals[i]);
	sigprocmask(SIG_BLOCK, &mask, &mask_before);
	ended_by = 0;
	for (i = 0; i < 3; i++) {
		sigaction(end_signals[i], NULL, &action_before[i]);
		if (action_before[i].sa_handler != SIG_IGN)
			sigaction(end_signals[i], &action, NULL);
	}
}

void runner_stop(void)
{
	size_t i;

	for (i = 0; i < 3; i++)
		sigaction(end_signals[i], &action_before[i], NULL);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

static void case_fail(struct bench_case *c, enum outcome outcome,
		      const char *format, ...) __attribute__((format(printf, 3, 4)));

static void case_fail(struct bench_case *c, enum outcome outcome,
		      const char *format, ...)
{
	va_list args;

	c->outcome = outcome;
	va_start(args, format);
	vsnprintf(c->status, sizeof(c->status), format, args);
	va_end(args);
}

/* The parent deals with Ctrl-C; a peer that is gone shall be an error to see */
static void child_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

static _Noreturn void child_main(struct run *run, int side, pid_t parent)
{
	struct link *link = &run->link;
	int err;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CHILD_FAILED);
	child_signals();
	err = placement_pin(&run->plan.placement, side);
	if (err) {
		snprintf(run->shared->why[side], WHY_SIZE, "cannot run on CPU %d: %s",
			 run->plan.placement.cpu[side], strerror(-err));
		_exit(CHILD_REFUSED);
	}
	if (link->transport->attach(link, side)) {
		memcpy(run->shared->why[side], link->why, WHY_SIZE);
		_exit(CHILD_REFUSED);
	}
	_exit((link->transport->run ? link->transport->run : workload_run)
	      (&run->plan, run->shared, link, side));
}

static int child_start(struct run *run, int side)
{
	struct child *child = &run->child[side];
	pid_t parent = getpid();

	child->pid = fork();
	if (child->pid < 0)
		return -errno;
	if (!child->pid)
		child_main(run, side, parent);
	child->fd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	return child->fd < 0 ? -errno : 0;
}

/* Wait for it, if it has ended */
static void child_reap(struct child *child)
{
	child->status.si_pid = 0;
	if (child->pid <= 0 ||
	    waitid(P_PID, (id_t)child->pid, &child->status, WEXITED | WNOHANG) ||
	    !child->status.si_pid)
		return;
	if (child->fd >= 0)
		close(child->fd);
	child->fd = -1;
	child->pid = 0;
}

static void child_kill(struct child *child)
{
	if (child->pid <= 0)
		return;
	child->killed = true;
	kill(child->pid, SIGKILL);
}

static bool child_failed(const struct child *child)
{
	return !child->pid && !child->killed &&
	       (child->status.si_code != CLD_EXITED || child->status.si_status);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/*
 * Wait for both children.  Return: 0 when both have ended; -ETIMEDOUT; -EINTR.
 */
static int watch(struct run *run, uint64_t timeout_ns,
		 void (*live)(void *, const struct hist *, uint32_t), void *arg)
{
	uint64_t until = now_ns() + timeout_ns, now, left;
	bool failed = false;
	int side;

	while (run->child[0].pid || run->child[1].pid) {
		struct pollfd fds[SIDES];
		struct timespec ts;

		now = now_ns();
		if (now >= until)
			return failed ? 0 : -ETIMEDOUT;
		left = until - now;
		if (live && left > LIVE_MS * 1000000ull)
			left = LIVE_MS * 1000000ull;
		ts.tv_sec = (time_t)(left / 1000000000u);
		ts.tv_nsec = (long)(left % 1000000000u);
		for (side = 0; side < SIDES; side++)
			fds[side] = (struct pollfd){ .fd = run->child[side].fd,
						     .events = POLLIN };
		if (ppoll(fds, SIDES, &ts, &mask_before) < 0 && ended_by)
			return -EINTR;
		for (side = 0; side < SIDES; side++)
			if (run->child[side].pid)
				child_reap(&run->child[side]);
		if (!failed && (child_failed(&run->child[0]) ||
				child_failed(&run->child[1]))) {
			failed = true;
			until = now_ns() + GRACE_NS;
		}
		if (live)
			live(arg, &run->shared->hist, atomic_load(&run->shared->batch));
	}
	return 0;
}

/*
 * Kill what is left of both.  Not even SIGKILL ends one that sleeps uninterruptibly:
 * it is left behind.  Return: false when there is such a one.
 */
static bool end_children(struct run *run)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };
	struct child *child = run->child;
	uint64_t until = now_ns() + STUCK_NS;
	int side;

	for (side = 0; side < SIDES; side++)
		child_kill(&child[side]);
	for (;;) {
		for (side = 0; side < SIDES; side++)
			if (child[side].pid > 0)
				child_reap(&child[side]);
		if (child[0].pid <= 0 && child[1].pid <= 0)
			return true;
		if (now_ns() >= until)
			break;
		nanosleep(&nap, NULL);
	}
	for (side = 0; side < SIDES; side++)
		if (child[side].fd >= 0)
			close(child[side].fd);
	return false;
}

/* What a timeout means: the sender may have sent all, and the rest was lost */
static void judge_timeout(struct bench_case *c, const struct run_shared *s,
			  uint64_t timeout_ns)
{
	uint64_t end = atomic_load(&s->end[atomic_load(&s->phase) % PHASES]);
	uint64_t got = atomic_load(&s->received);

	if (!workload_answers(c->workload) && end != NO_END && got < end)
		case_fail(c, OUTCOME_FAILED,
			  "corrupt: only %llu of %llu messages came",
			  (unsigned long long)got, (unsigned long long)end);
	else
		case_fail(c, OUTCOME_FAILED, "timeout: not done after %.3g s",
			  (double)timeout_ns / 1e9);
}

/* The worse of what both sides say: a death, a wrong message, an error */
static bool judge_children(struct bench_case *c, const struct run *run)
{
	static const struct {
		int status;
		enum outcome outcome;
		const char *prefix;
	} words[] = {
		{ CHILD_CORRUPT, OUTCOME_FAILED, "corrupt: " },
		{ CHILD_REFUSED, OUTCOME_REFUSED, "refused: " },
		{ CHILD_FAILED, OUTCOME_FAILED, "" },
	};
	size_t i;
	int side;

	for (side = 0; side < SIDES; side++) {
		const siginfo_t *status = &run->child[side].status;

		if (child_failed(&run->child[side]) && status->si_code != CLD_EXITED) {
			case_fail(c, OUTCOME_FAILED, "peer died: signal %d",
				  status->si_status);
			return false;
		}
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (side = 0; side < SIDES; side++) {
			if (!child_failed(&run->child[side]) ||
			    run->child[side].status.si_status != words[i].status)
				continue;
			case_fail(c, words[i].outcome, "%s%.*s", words[i].prefix,
				  WHY_SIZE, run->shared->why[side]);
			return false;
		}
	}
	return true;
}

static void case_add(struct bench_case *c, const struct run *run)
{
	const struct run_shared *s = run->shared;
	double rate = 0;

	ledger_add(&c->ledger, s->ledger, s->messages);
	if (run->plan.counts)
		return;
	c->batch = atomic_load(&s->batch);
	c->messages += s->messages;
	if (c->workload == WORKLOAD_OPENLOOP)
		load_add(&c->load, &s->load);
	if (s->wall_ns)
		rate = (double)s->messages * 1e9 / (double)s->wall_ns;
	case_keep(c, &s->hist, rate, &run->plan.clock);
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

static void run_children(struct bench *bench, struct bench_case *c, struct run *run,
			 void (*live)(void *, const struct hist *, uint32_t), void *arg)
{
	uint64_t timeout = bench->opts.timeout_ns;
	int err;

	fflush(NULL);
	err = child_start(run, 0);
	if (!err)
		err = child_start(run, 1);
	if (err) {
		case_fail(c, OUTCOME_FAILED, "no process: %s", strerror(-err));
	} else {
		err = watch(run, timeout, live, arg);
		if (err == -EINTR)
			bench->interrupted = ended_by;
	}
	if (!end_children(run))
		case_fail(c, OUTCOME_FAILED, "stuck in the kernel: a process that SIGKILL "
			  "did not end in %.3g s", (double)STUCK_NS / 1e9);
	else if (err == -ETIMEDOUT)
		judge_timeout(c, run->shared, timeout);
	else if (!err && judge_children(c, run))
		case_add(c, run);
}

void runner_run(struct bench *bench, struct bench_case *c,
		void (*live)(void *, const struct hist *, uint32_t), void *arg)
{
	struct run run = {
		.link = { .transport = c->transport, .workload = c->workload,
			  .wait = c->wait,
			  .tx_nr = 1, .rx_nr = 1,
			  .size = c->size, .batch = bench->opts.batch, .per_call = 1,
			  .tx_fd = -1, .rx_fd = -1, .epoll = { -1, -1 } },
		.child = { { .fd = -1 }, { .fd = -1 } },
	};
	int phase;

	run.link.depth = case_depth(bench, c);
	make_plan(&run.plan, bench, c);
	run.shared = mmap(NULL, sizeof(*run.shared), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (run.shared == MAP_FAILED) {
		case_fail(c, OUTCOME_FAILED, "no memory: %s", strerror(errno));
		return;
	}
	for (phase = 0; phase < PHASES; phase++)
		atomic_init(&run.shared->end[phase], NO_END);
	if (c->transport->setup(&run.link)) {
		case_fail(c, OUTCOME_REFUSED, "refused: %s", run.link.why);
	} else {
		/* The most that it held: a block of as much is a whole queue. */
		if (run.link.depth > c->depth)
			c->depth = run.link.depth;
		c->per_call = run.link.per_call;
		run_children(bench, c, &run, live, arg);
	}
	c->transport->teardown(&run.link);
	munmap(run.shared, sizeof(*run.shared));
}
