// SPDX-License-Identifier: GPL-2.0
#include "crowd.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Messages between two readings of the clock */
#define MESSAGES	256

/* Turns of a wait before somebody else has the CPU */
#define TURNS		256

bool ring_crowded;
static pid_t helper;

void ring_crowd_relax(void)
{
	static unsigned int turns;

	if (++turns % TURNS)
		spin_relax();
	else
		sched_yield();
}

static void meet(const struct crowd_plan *p)
{
	workload_handshake(&p->crowd->arrived, p->crew.producers + p->crew.consumers);
}

/* The producer that ends last tells each consumer, behind all messages */
static void tell_end(const struct crowd_plan *p, void *handle, struct ring_chunk *c, int phase)
{
	uint64_t base = c->tx_base;
	unsigned int i;

	if (atomic_fetch_add(&p->crowd->ended[phase], 1) + 1 != p->crew.producers)
		return;
	c->count = 1;
	for (i = 0; i < p->crew.consumers; i++) {
		c->tx_base = RING_END;
		p->kind->chunk(handle, c);
	}
	c->tx_base = base;
}

static int produce(const struct crowd_plan *p, void *handle, int index)
{
	const uint64_t length_ns[PHASES] = { p->run->warmup_ns, p->run->duration_ns };
	struct crowd_part *part = &p->crowd->producer[index];
	struct ring_chunk c = {
		.role = RING_SEND, .size = p->size, .burst = 1,
		.tx_base = payload_base(payload_tag(0, index)),
	};
	int phase;

	for (phase = 0; phase < PHASES; phase++) {
		meet(p);
		part->at_ns = clock_ns();
		do {
			c.count = MESSAGES;
			p->kind->chunk(handle, &c);
			part->messages[index] += MESSAGES;
		} while (clock_ns() - part->at_ns < length_ns[phase]);
		tell_end(p, handle, &c, phase);
	}
	meet(p);
	return CHILD_OK;
}

static int consume(const struct crowd_plan *p, void *handle, int side, int index)
{
	struct crowd_part *part = &p->crowd->consumer[index];
	struct ring_chunk c = { .role = RING_TAKE, .size = p->size, .burst = 1 };
	int phase, producer;
	uint64_t before;

	for (phase = 0; phase < PHASES; phase++) {
		c.compare = !phase;
		meet(p);
		before = c.taken[0].messages + c.taken[1].messages;
		if (!p->kind->chunk(handle, &c)) {
			snprintf(p->shared->why[side], WHY_SIZE, "a message that was altered, or "
				 "came twice or out of turn");
			return CHILD_CORRUPT;
		}
		part->at_ns = clock_ns();
		part->measured = c.taken[0].messages + c.taken[1].messages - before;
	}
	for (producer = 0; producer < CROWD_MOST; producer++) {
		part->messages[producer] = c.taken[producer].messages;
		part->sum[producer] = c.taken[producer].sum;
	}
	meet(p);
	return CHILD_OK;
}

/* All that was sent came, each of them once */
static int settle(const struct crowd_plan *p, int side)
{
	const struct crowd *c = p->crowd;
	uint64_t begin = UINT64_MAX, end = 0, sent, came, sum, measured = 0;
	unsigned int i, k;

	for (i = 0; i < p->crew.producers; i++) {
		sent = c->producer[i].messages[i];
		came = 0;
		sum = 0;
		for (k = 0; k < p->crew.consumers; k++) {
			came += c->consumer[k].messages[i];
			sum += c->consumer[k].sum[i];
		}
		if (came != sent || sum != sent * (sent - 1) / 2) {
			snprintf(p->shared->why[side], WHY_SIZE, "of %llu messages of producer "
				 "%u there came %llu, or others", (unsigned long long)sent, i,
				 (unsigned long long)came);
			return CHILD_CORRUPT;
		}
		if (c->producer[i].at_ns < begin)
			begin = c->producer[i].at_ns;
	}
	for (k = 0; k < p->crew.consumers; k++) {
		measured += c->consumer[k].measured;
		if (c->consumer[k].at_ns > end)
			end = c->consumer[k].at_ns;
	}
	p->shared->messages = measured;
	p->shared->wall_ns = end - begin;
	atomic_store(&p->shared->batch, 1);
	return CHILD_OK;
}

/* A helper that has failed ends its side: the other processes wait for it */
static void on_child(int number)
{
	siginfo_t info = { .si_pid = 0 };

	(void)number;
	if (!waitid(P_PID, (id_t)helper, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid &&
	    (info.si_code != CLD_EXITED || info.si_status != CHILD_OK))
		_exit(info.si_code == CLD_EXITED ? info.si_status : CHILD_FAILED);
}

/* In a process of its own: side 0 has the second consumer, side 1 the second producer */
static _Noreturn void help(const struct crowd_plan *p, int side, pid_t parent)
{
	void *handle;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(CHILD_FAILED);
	handle = p->attach(p->arg, side);
	if (!handle)
		_exit(CHILD_FAILED);
	_exit(side ? produce(p, handle, 1) : consume(p, handle, side, 1));
}

int crowd_run(const struct crowd_plan *p, void *handle, int side)
{
	bool helped = side ? p->crew.producers > 1 : p->crew.consumers > 1;
	struct sigaction action = { .sa_handler = on_child, .sa_flags = SA_RESTART };
	pid_t parent = getpid();
	sigset_t mask, before;
	int status;

	ring_crowded = true;
	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, &before);
	sigaction(SIGCHLD, &action, NULL);
	helper = helped ? fork() : 0;
	if (helped && !helper)
		help(p, side, parent);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (helper < 0)
		return CHILD_FAILED;
	status = side ? consume(p, handle, side, 0) : produce(p, handle, 0);
	if (status)
		return status;
	if (helped && waitpid(helper, NULL, 0) != helper)
		return CHILD_FAILED;
	return side ? settle(p, side) : CHILD_OK;
}
