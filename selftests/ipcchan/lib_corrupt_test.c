// SPDX-License-Identifier: GPL-2.0
/*
 * libipcchan against the module: a ring in a channel's buffer that makes no sense is
 * reported, once for each handle; one in other memory is not.
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ipcchan/bring.h>
#include <ipcchan/mring.h>
#include <ipcchan/slots.h>

#include "event.h"
#include "util.h"

#include "harness.h"

#define ROOM		65536	/* bytes for a ring */
#define HEADER		128	/* of them that are left as they are: what never changes */
#define MAX_LEN		56
#define UNTOUCHED	4711

/* Reports that were made, the library's, too, which is linked to this. */
static unsigned int reports;

int ioctl(int fd, unsigned long cmd, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, cmd);
	arg = va_arg(ap, void *);
	va_end(ap);
	reports += cmd == IPCCHAN_IOC_REPORT;
	return (int)syscall(SYS_ioctl, fd, cmd, arg);
}

union handle {
	struct ipcchan_ring ring;
	struct ipcchan_slots slots;
	struct ipcchan_mring mring;
	struct ipcchan_bring bring;
};

/* Where a ring is, with an endpoint for it alone. */
struct place {
	struct ipcchan *chan;
	struct ipcchan_bell bell;
	char *mem;
	struct ipcchan_claim_life life;
};

static int ring_attach(union handle *h, const struct place *p)
{
	return ipcchan_ring_format(p->mem, ROOM, 0) ?:
	       ipcchan_ring_attach(&h->ring, p->mem, ROOM, IPCCHAN_RING_CONSUMER, &p->bell);
}

static int slots_attach(union handle *h, const struct place *p)
{
	return ipcchan_slots_format(p->mem, ROOM, MAX_LEN, 0) ?:
	       ipcchan_slots_attach(&h->slots, p->mem, ROOM, IPCCHAN_RING_CONSUMER, &p->bell);
}

static int mring_attach(union handle *h, const struct place *p)
{
	return ipcchan_mring_format(p->mem, ROOM, MAX_LEN, 0, &p->life) ?:
	       ipcchan_mring_attach(&h->mring, p->mem, ROOM, IPCCHAN_CLAIM_CONSUMER, &p->bell,
				    &p->life);
}

static int bring_attach(union handle *h, const struct place *p)
{
	return ipcchan_bring_format(p->mem, ROOM, MAX_LEN, 0, &p->life) ?:
	       ipcchan_bring_attach_reader(&h->bring, p->mem, ROOM, &p->bell, &p->life);
}

static ssize_t ring_recv(union handle *h, void *buf, size_t size)
{
	return ipcchan_ring_recv(&h->ring, buf, size, 0);
}

static ssize_t slots_recv(union handle *h, void *buf, size_t size)
{
	return ipcchan_slots_recv(&h->slots, buf, size, 0);
}

static ssize_t mring_recv(union handle *h, void *buf, size_t size)
{
	return ipcchan_mring_recv(&h->mring, buf, size, 0);
}

static ssize_t bring_recv(union handle *h, void *buf, size_t size)
{
	return ipcchan_bring_recv(&h->bring, buf, size, 0, NULL);
}

static const struct {
	int (*attach)(union handle *h, const struct place *p);
	ssize_t (*recv)(union handle *h, void *buf, size_t size);
} kinds[] = {
	{ ring_attach, ring_recv },
	{ slots_attach, slots_recv },
	{ mring_attach, mring_recv },
	{ bring_attach, bring_recv },
};

#define KINDS	ARRAY_SIZE(kinds)

FIXTURE(corrupt) {
	struct events *all;
	struct ipcchan *chan;
	uint32_t id;
	struct place place[KINDS];
	union handle handle[KINDS];
};

static int join(struct place *p, const struct ipcchan *chan, size_t offset)
{
	struct ipcchan_opts same = { .flags = IPCCHAN_ATTACH_FD, .fd = ipcchan_fd(chan) };
	size_t size;
	void *addr;
	int ret = ipcchan_open(&p->chan, NULL, &same) ?: ipcchan_map(p->chan, &addr, &size) ?:
		  ipcchan_bell_chan(&p->bell, p->chan);

	if (ret)
		return ret;
	p->mem = (char *)addr + offset;
	p->life.fd = ipcchan_fd(p->chan);
	p->life.start = (int64_t)offset;
	return 0;
}

FIXTURE_SETUP(corrupt)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .mode = 0600, .buf_size = KINDS * ROOM,
	};
	struct ipcchan_info info;
	size_t i;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	self->all = events_open();
	ASSERT_NE(NULL, self->all);
	ASSERT_EQ(0, ipcchan_open(&self->chan, NULL, &opts));
	ASSERT_EQ(0, ipcchan_get_info(self->chan, &info));
	self->id = info.id;
	for (i = 0; i < KINDS; i++)
		ASSERT_EQ(0, join(&self->place[i], self->chan, i * ROOM));
	reports = 0;
}

FIXTURE_TEARDOWN(corrupt)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		ipcchan_close(self->place[i].chan);
	ipcchan_close(self->chan);
	events_close(self->all);
}

/* One event, of this channel, that tells where the ring of @i begins. */
static void expect_told(struct __test_metadata *_metadata, FIXTURE_DATA(corrupt) *self, size_t i)
{
	struct event e;

	EXPECT_EQ(1, reports);
	reports = 0;
	ASSERT_EQ(0, events_find(self->all, IPCCHAN_EVENT_CORRUPT, &e));
	EXPECT_EQ(self->id, e.chan);
	EXPECT_EQ(i * ROOM, e.offset);
}

TEST_F(corrupt, once_a_handle)
{
	char buf[MAX_LEN];
	size_t i;
	int turn;

	for (i = 0; i < KINDS; i++)
		ASSERT_EQ(0, kinds[i].attach(&self->handle[i], &self->place[i]));
	for (i = 0; i < KINDS; i++) {
		ASSERT_EQ(-ETIMEDOUT, kinds[i].recv(&self->handle[i], buf, sizeof(buf)));
		ASSERT_EQ(0, reports);
		memset(self->place[i].mem + HEADER, 0x5a, ROOM - HEADER);
		errno = UNTOUCHED;
		for (turn = 0; turn < 3; turn++)
			EXPECT_EQ(-EBADMSG, kinds[i].recv(&self->handle[i], buf, sizeof(buf)));
		EXPECT_EQ(UNTOUCHED, errno);
		expect_told(_metadata, self, i);
	}
}

/* The ring's own position is wrong, or the peer's. */
TEST_F(corrupt, attach)
{
	struct place *p = self->place;
	struct ipcchan_ring_shared *shared = (void *)p->mem;
	struct ipcchan_ring ring;

	ASSERT_EQ(0, ipcchan_ring_format(shared, ROOM, 0));
	shared->head = 1;
	EXPECT_EQ(-EBADMSG, ipcchan_ring_attach(&ring, shared, ROOM, IPCCHAN_RING_CONSUMER,
						&p->bell));
	expect_told(_metadata, self, 0);
	shared->head = 0;
	shared->tail = 1ULL << 40;
	/* By another endpoint: of one, one a second is told. */
	EXPECT_EQ(-EBADMSG, ipcchan_ring_attach(&ring, p[1].mem - ROOM, ROOM,
						IPCCHAN_RING_CONSUMER, &p[1].bell));
	expect_told(_metadata, self, 0);
}

/* On a ring on which nobody sleeps the bell is for this alone. */
TEST_F(corrupt, spin)
{
	struct place *p = self->place;
	struct ipcchan_ring_shared *shared = (void *)p->mem;
	struct ipcchan_ring with, without;
	char buf[MAX_LEN];

	ASSERT_EQ(0, ipcchan_ring_format(p->mem, ROOM, IPCCHAN_RING_SPIN));
	ASSERT_EQ(0, ipcchan_ring_attach(&with, p->mem, ROOM, IPCCHAN_RING_CONSUMER, &p->bell));
	ASSERT_EQ(0, ipcchan_ring_attach(&without, p->mem, ROOM, IPCCHAN_RING_CONSUMER, NULL));
	shared->tail = 1;
	EXPECT_EQ(-EBADMSG, ipcchan_ring_recv(&without, buf, sizeof(buf), 0));
	EXPECT_EQ(0, reports);
	EXPECT_EQ(-EBADMSG, ipcchan_ring_recv(&with, buf, sizeof(buf), 0));
	expect_told(_metadata, self, 0);
}

TEST_F(corrupt, other_memory)
{
	struct place p = { .mem = aligned_alloc(64, ROOM), .bell = ipcchan_bell_futex() };
	char buf[MAX_LEN];
	size_t i;

	ASSERT_NE(NULL, p.mem);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, kinds[i].attach(&self->handle[i], &p));
		memset(p.mem + HEADER, 0x5a, ROOM - HEADER);
		EXPECT_EQ(-EBADMSG, kinds[i].recv(&self->handle[i], buf, sizeof(buf)));
	}
	EXPECT_EQ(0, reports);
	free(p.mem);
}

TEST_HARNESS_MAIN
