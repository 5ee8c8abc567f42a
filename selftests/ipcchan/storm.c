// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storm.h"
#include "util.h"

/* All that was sent is to arrive in this time, and all senders are to come to their end. */
#define ARRIVES_NS	20000000000ull
#define ENDS_NS		60000000000ull

static uint32_t views(const struct storm *s)
{
	return s->way->all ? s->receivers : 1;
}

static uint8_t *state_of(struct storm *s, uint32_t sender, uint32_t seq)
{
	return &s->state[(size_t)sender * s->seqs + seq];
}

static uint8_t *seen_of(struct storm *s, uint32_t view, uint32_t sender, uint32_t seq)
{
	return &s->seen[((size_t)view * s->senders + sender) * s->seqs + seq];
}

/* All in one piece, which is there: a task that is killed meets no fault. */
static struct storm *layout(const struct storm_way *way, uint32_t senders, uint32_t receivers,
			    uint32_t seqs)
{
	const size_t nr = (size_t)senders * seqs, all = way->all ? receivers : 1;
	const size_t size = sizeof(struct storm) + receivers * sizeof(struct storm_desk) +
			    (senders + receivers) * sizeof(pid_t) + senders * sizeof(uint32_t) +
			    nr * (1 + all);
	struct storm *s = mmap(NULL, size, PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	s->size = size;
	s->desk = (void *)(s + 1);
	s->send = (void *)(s->desk + receivers);
	s->recv = s->send + senders;
	s->next = (void *)(s->recv + receivers);
	s->state = (void *)(s->next + senders);
	s->seen = s->state + nr;
	s->way = way;
	s->senders = senders;
	s->receivers = receivers;
	s->seqs = seqs;
	return s;
}

struct storm *storm_create(const struct storm_way *way, uint32_t senders, uint32_t receivers,
			   uint32_t seqs)
{
	const char *seed = getenv("IPCCHAN_TEST_SEED");
	struct ipcchan_attach a = way->chan;
	struct storm *s = layout(way, senders, receivers, seqs);

	if (!s)
		return NULL;
	a.flags = IPCCHAN_ATTACH_ANON;
	/* Who subscribes has to receive. */
	s->fd = chan_open(way->all || way->unknown ? O_WRONLY : O_RDWR, &a);
	if (s->fd < 0) {
		errno = -s->fd;
		munmap(s, s->size);
		return NULL;
	}
	s->seed = seed ? strtoul(seed, NULL, 0) : now_ns() / 1000;
	s->allowed[EAGAIN] = true;
	s->allowed[ETIMEDOUT] = true;
	fprintf(stderr, "# %s, seed %u\n", way->name, s->seed);
	return s;
}

void storm_free(struct storm *s)
{
	if (!s)
		return;
	close(s->fd);
	munmap(s, s->size);
}

void storm_fault(struct storm *s, uint32_t line, int why)
{
	uint32_t none = 0;

	if (__atomic_compare_exchange_n(&s->fault, &none, line, false, __ATOMIC_RELAXED,
					__ATOMIC_RELAXED))
		s->why = why;
}

uint32_t storm_rand(struct storm_actor *a, uint32_t n)
{
	return rand_r(&a->seed) % n;
}

static uint32_t sum_of(uint32_t sender, uint32_t seq)
{
	return sender * 2654435761u + seq * 40503u + 1;
}

bool storm_good(const struct storm *s, const struct storm_msg *m)
{
	return m->sender < s->senders && m->seq < s->seqs && m->sum == sum_of(m->sender, m->seq);
}

void storm_number(struct storm_actor *a, struct storm_msg *m)
{
	struct storm *s = a->s;
	unsigned int i;

	m->valid = 1;
	m->sender = a->nr;
	m->seq = s->next[a->nr];
	m->sum = sum_of(m->sender, m->seq);
	for (i = 0; i < sizeof(m->tail) / sizeof(*m->tail); i++)
		m->tail[i] = m->sum;
	*state_of(s, m->sender, m->seq) = STORM_UNDER_WAY;
	__atomic_store_n(&s->next[a->nr], m->seq + 1, __ATOMIC_RELEASE);
}

void storm_told(struct storm_actor *a, const struct storm_msg *m, enum storm_state state)
{
	__atomic_store_n(state_of(a->s, m->sender, m->seq), state, __ATOMIC_RELEASE);
}

static void count(struct storm *s, uint32_t receiver, uint32_t sender, uint32_t seq)
{
	uint8_t *seen = seen_of(s, s->way->all ? receiver : 0, sender, seq);

	if (__atomic_fetch_add(seen, 1, __ATOMIC_RELAXED))
		STORM_FAULT(s, -EEXIST);
	__atomic_fetch_add(&s->received, 1, __ATOMIC_RELAXED);
}

void storm_got(struct storm_actor *a, int i, const struct storm_msg *m, uint32_t len)
{
	struct storm_desk *desk = &a->s->desk[a->nr];

	if (!storm_good(a->s, m) || (len != STORM_SHORT && len != sizeof(*m)) ||
	    (len == sizeof(*m) && (m->tail[0] != m->sum || m->tail[91] != m->sum)))
		STORM_FAULT(a->s, -EBADMSG);
	else
		count(a->s, a->nr, m->sender, m->seq);
	desk->h[i].cookie = 0;
	desk->msg[i].valid = 0;
}

/* What it had got and not counted; counted and not yet said so is seen as well. */
static void bury(struct storm *s, uint32_t nr)
{
	struct storm_desk *desk = &s->desk[nr];
	int i;

	for (i = 0; i < STORM_BATCH; i++) {
		const struct storm_msg *m = &desk->msg[i];
		uint64_t cookie = desk->h[i].cookie;
		uint32_t sender = m->sender, seq = m->seq;
		bool got = m->valid && storm_good(s, m);

		if (desk->h[i].flags & IPCCHAN_MSG_PLACED && cookie) {
			sender = cookie >> 32 & 0x7fffffff;
			seq = (uint32_t)cookie;
			got = true;
		}
		if (got && !*seen_of(s, s->way->all ? nr : 0, sender, seq))
			count(s, nr, sender, seq);
		memset(&desk->h[i], 0, sizeof(desk->h[i]));
		desk->msg[i].valid = 0;
	}
}

int64_t storm_time(struct storm_actor *a, uint32_t *flags)
{
	*flags = 0;
	if (a->s->patient)
		return IPCCHAN_WAIT_FOREVER;
	switch (storm_rand(a, 6)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		*flags = IPCCHAN_XFER_ABSTIME;
		return now_ns() + storm_rand(a, 1000000);
	case 3:
		return 20000000;
	default:
		return 1 + storm_rand(a, 2000000);
	}
}

/* Return: whether to go on. */
static bool outcome(struct storm *s, int err)
{
	if (!err)
		return true;
	if (-err < STORM_ERRORS && s->allowed[-err]) {
		__atomic_fetch_add(&s->errors[-err], 1, __ATOMIC_RELAXED);
		return true;
	}
	STORM_FAULT(s, err);
	return false;
}

static bool may_send(const struct storm_actor *a)
{
	const struct storm *s = a->s;

	return !__atomic_load_n(&s->stop, __ATOMIC_RELAXED) &&
	       s->next[a->nr] + STORM_BATCH <= s->seqs;
}

static void act(struct storm_actor *a, bool sends)
{
	const struct storm_way *way = a->s->way;
	int err = way->open ? way->open(a, sends) : 0;

	if (err) {
		STORM_FAULT(a->s, err);
		return;
	}
	if (sends) {
		while (may_send(a) && outcome(a->s, way->send(a)))
			;
		return;
	}
	/* What is there for this process, too, is written to without a fault. */
	memset(&a->s->desk[a->nr], 0, sizeof(*a->s->desk));
	while (outcome(a->s, way->recv(a)))
		;
}

static pid_t start(struct storm *s, uint32_t nr, bool sends)
{
	struct storm_actor a = {
		.s = s, .nr = nr, .seed = s->seed++ * 7919 + nr * 2 + sends,
	};
	int fd = chan_peer(s->fd, s->way->both ? O_RDWR : sends ? O_WRONLY : O_RDONLY);
	pid_t pid = child_fork();

	if (pid) {
		if (fd < 0 || pid < 0)
			STORM_FAULT(s, fd < 0 ? fd : pid);
		close(fd);
		return pid;
	}
	a.fd = fd;
	if (s->begin)
		s->begin(s, sends ? nr : s->senders + nr);
	act(&a, sends);
	_exit(0);
}

void storm_start(struct storm *s)
{
	uint32_t i;

	for (i = 0; i < s->receivers; i++)
		s->recv[i] = start(s, i, false);
	for (i = 0; i < s->senders; i++)
		s->send[i] = start(s, i, true);
}

void storm_kill_sender(struct storm *s, uint32_t nr)
{
	child_kill(s->send[nr]);
	s->kills++;
	s->send[nr] = start(s, nr, true);
}

void storm_kill_receiver(struct storm *s, uint32_t nr)
{
	child_kill(s->recv[nr]);
	bury(s, nr);
	s->kills++;
	s->recv[nr] = start(s, nr, false);
}

/* One that has come to its end is left as it is. */
static bool died(pid_t pid)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
	    info.si_code != CLD_KILLED)
		return false;
	child_wait(pid);
	return true;
}

uint32_t storm_reap(struct storm *s)
{
	uint32_t i, nr = 0;

	for (i = 0; i < s->senders; i++) {
		if (died(s->send[i])) {
			s->send[i] = start(s, i, true);
			nr++;
		}
	}
	for (i = 0; i < s->receivers; i++) {
		if (died(s->recv[i])) {
			bury(s, i);
			s->recv[i] = start(s, i, false);
			nr++;
		}
	}
	s->kills += nr;
	return nr;
}

struct sum {
	uint32_t sent;
	uint32_t failed;
	uint32_t unknown;
	uint32_t lost;
	uint32_t twice;
	uint32_t uneven;
	uint32_t refused;
};

/* Each receiver gets what others get, or none does. */
static void look_at(struct storm *s, uint32_t sender, uint32_t seq, struct sum *sum)
{
	const uint8_t state = *state_of(s, sender, seq);
	uint8_t least = 255, most = 0, seen;
	uint32_t view;

	for (view = 0; view < views(s); view++) {
		seen = *seen_of(s, view, sender, seq);
		least = seen < least ? seen : least;
		most = seen > most ? seen : most;
	}
	sum->sent += state == STORM_SENT;
	sum->failed += state == STORM_FAILED;
	sum->unknown += state == STORM_UNDER_WAY;
	sum->lost += state == STORM_SENT && !least;
	sum->twice += most > 1;
	sum->uneven += least != most;
	sum->refused += state == STORM_FAILED && most;
}

static bool look(struct storm *s, struct sum *sum)
{
	uint32_t i, seq;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < s->senders; i++) {
		for (seq = 0; seq < s->next[i]; seq++)
			look_at(s, i, seq, sum);
	}
	return !(sum->lost | sum->twice | sum->uneven | sum->refused);
}

/* What a receiver that died has put back is in the queue still. */
static void drain(struct storm *s)
{
	struct storm_desk *desk = s->desk;
	struct storm_actor a = { .s = s };
	int fd = chan_peer(s->fd, O_RDONLY), err;

	do {
		desk->h[0] = (struct ipcchan_msghdr) {
			.buf = (uintptr_t)&desk->msg[0], .len = sizeof(desk->msg[0]),
		};
		err = xfer_recv(fd, desk->h, 1, IPCCHAN_XFER_NONBLOCK, 0);
		if (err == 1)
			storm_got(&a, 0, &desk->msg[0], desk->h[0].len);
	} while (err == 1);
	if (err != -EAGAIN)
		STORM_FAULT(s, err);
	close(fd);
}

/* Those that wait for ever, since something else is wrong, are not waited for. */
static void end_senders(struct storm *s)
{
	const uint64_t end = now_ns() + ENDS_NS;
	int status = 0;
	uint32_t i;
	pid_t pid;

	__atomic_store_n(&s->stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < s->senders; i++) {
		do {
			pid = waitpid(s->send[i], &status, WNOHANG);
			if (!pid)
				sleep_ms(1);
		} while (!pid && !s->fault && now_ns() < end);
		if (!pid)
			child_kill(s->send[i]);
		if (!pid || status)
			STORM_FAULT(s, pid ? -ECHILD : -ETIME);
	}
}

static void end_receivers(struct storm *s)
{
	uint32_t i;

	for (i = 0; i < s->receivers; i++)
		kill(s->recv[i], SIGKILL);
	for (i = 0; i < s->receivers; i++) {
		if (child_wait(s->recv[i]) != CHILD_SIGNALED + SIGKILL)
			STORM_FAULT(s, -ECHILD);
		bury(s, i);
	}
}

static void tell(struct storm *s, const struct sum *sum, bool right)
{
	fprintf(stderr, "# %s: %u sent, %u refused, %u unknown, %u received, %u killed\n",
		s->way->name, sum->sent, sum->failed, sum->unknown, s->received, s->kills);
	fprintf(stderr, "# of calls %u EINTR, %u ETIMEDOUT, %u ENOMEM\n", s->errors[EINTR],
		s->errors[ETIMEDOUT], s->errors[ENOMEM]);
	if (right)
		return;
	fprintf(stderr, "# %u lost, %u twice, %u not by all, %u although refused, %d queued\n",
		sum->lost, sum->twice, sum->uneven, sum->refused, chan_msgs(s->fd));
	fprintf(stderr, "# fault at line %u (%d)\n", s->fault, s->why);
}

bool storm_end(struct storm *s)
{
	uint64_t end;
	struct sum sum;
	bool right;

	end_senders(s);
	end = now_ns() + ARRIVES_NS;
	while (!look(s, &sum) && !s->fault && now_ns() < end)
		sleep_ms(5);
	end_receivers(s);
	if (!s->way->all && !s->way->unknown)
		drain(s);
	right = look(s, &sum) && !s->fault && !chan_msgs(s->fd);
	tell(s, &sum, right);
	return right;
}
