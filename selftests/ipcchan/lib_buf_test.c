// SPDX-License-Identifier: GPL-2.0
/* libipcchan against the module: how a buffer is mapped, and a bell without sleeping. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ipcchan.h>

#include "mapping.h"
#include "mmap_hook.h"
#include "util.h"

#include "harness.h"

#define UNTOUCHED	4711
#define PAGES		8

static struct ipcchan *open_anon(size_t size, uint32_t buf_flags, int populate)
{
	struct ipcchan_opts opts = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = size, .buf_flags = buf_flags,
		.populate = populate,
	};
	struct ipcchan *chan;

	return ipcchan_open(&chan, NULL, &opts) ? NULL : chan;
}

TEST(populate)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	int on, i;

	minor_faults();
	for (on = 0; on < 2; on++) {
		struct ipcchan *chan = open_anon(PAGES * page, 0, on);
		long faults;
		size_t size;
		void *addr;

		ASSERT_NE(NULL, chan);
		ASSERT_EQ(0, ipcchan_map(chan, &addr, &size));
		EXPECT_EQ(on ? PAGES : 0, pages_present(addr, size));
		faults = minor_faults();
		for (i = 0; i < PAGES; i++)
			((volatile char *)addr)[i * page] = 1;
		faults = minor_faults() - faults;
		EXPECT_EQ(on ? 0 : PAGES, faults);
		ipcchan_close(chan);
	}
}

TEST(huge)
{
	const size_t huge = huge_page_size(), page = sysconf(_SC_PAGESIZE);
	struct ipcchan_info info;
	struct ipcchan *chan;
	size_t size;
	void *addr;
	int i;

	if (!huge)
		SKIP(return, "this kernel has no huge pages for shared memory");
	/* One that happens to be aligned by itself proves nothing. */
	for (i = 0; i < 3; i++) {
		chan = open_anon(huge + page, IPCCHAN_BUF_HUGE, i & 1);
		ASSERT_NE(NULL, chan);
		ASSERT_EQ(0, ipcchan_get_info(chan, &info));
		ASSERT_EQ(huge, info.buf_huge);
		errno = UNTOUCHED;
		ASSERT_EQ(0, ipcchan_map(chan, &addr, &size));
		EXPECT_EQ(UNTOUCHED, errno);
		EXPECT_EQ(huge + page, size);
		EXPECT_EQ(0, (uintptr_t)addr % huge);
		memset(addr, 0x55, size);
		EXPECT_EQ(huge_pages_mapped() ? (long)(huge / 1024) : 0,
			  mapping_kib(addr, "FilePmdMapped:"));
		/* Nothing is left of what it was aligned in. */
		EXPECT_EQ(-1, msync((char *)addr - page, page, MS_ASYNC));
		EXPECT_EQ(-1, msync((char *)addr + size, page, MS_ASYNC));
		ipcchan_close(chan);
		EXPECT_EQ(-1, msync(addr, page, MS_ASYNC));
	}
}

/* Too small to be in huge pages: mapped like any other. */
TEST(huge_too_small)
{
	struct ipcchan *chan = open_anon(PAGES, IPCCHAN_BUF_HUGE, 1);
	struct ipcchan_info info;
	size_t size;
	void *addr;

	ASSERT_NE(NULL, chan);
	ASSERT_EQ(0, ipcchan_get_info(chan, &info));
	EXPECT_EQ(0, info.buf_huge);
	ASSERT_EQ(0, ipcchan_map(chan, &addr, &size));
	EXPECT_EQ(1, pages_present(addr, size));
	ipcchan_close(chan);
}

/* What another thread has mapped where the buffer was to come, while it was being mapped. */
static char *intruder;

/* The mapping fails for want of memory, once the kernel has emptied the place for it. */
static void *intrude_and_fail(void *addr, size_t len, int prot, int flags, int fd,
			      off_t offset)
{
	(void)prot;
	(void)fd;
	(void)offset;
	if (flags & MAP_FIXED)
		munmap(addr, len);
	intruder = mmap_real(addr, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	errno = ENOMEM;
	return MAP_FAILED;
}

/* It is mapped elsewhere. */
static void *intrude(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	intrude_and_fail(addr, len, prot, flags, fd, offset);
	return mmap_real(addr, len, prot, flags, fd, offset);
}

FIXTURE(intruder) {
	struct ipcchan *chan;
	size_t huge;
};

FIXTURE_SETUP(intruder)
{
	self->huge = huge_page_size();
	if (!self->huge)
		SKIP(return, "this kernel has no huge pages for shared memory");
	self->chan = open_anon(self->huge, IPCCHAN_BUF_HUGE, 0);
	ASSERT_NE(NULL, self->chan);
	intruder = NULL;
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(intruder)
{
	ipcchan_close(self->chan);
}

TEST_F(intruder, map_fails)
{
	size_t size;
	void *addr;

	mmap_hook = intrude_and_fail;
	EXPECT_EQ(-ENOMEM, ipcchan_map(self->chan, &addr, &size));
	EXPECT_EQ(UNTOUCHED, errno);
	ASSERT_EQ(NULL, mmap_hook);
	ASSERT_NE(MAP_FAILED, intruder);
	ASSERT_EQ(0, msync(intruder, sysconf(_SC_PAGESIZE), MS_ASYNC));
	*intruder = 1;
	/* Another time it is mapped. */
	ASSERT_EQ(0, ipcchan_map(self->chan, &addr, &size));
	EXPECT_EQ(0, (uintptr_t)addr % self->huge);
	EXPECT_EQ(1, *intruder);
}

TEST_F(intruder, place_taken)
{
	size_t size;
	char *addr;

	mmap_hook = intrude;
	ASSERT_EQ(0, ipcchan_map(self->chan, (void **)&addr, &size));
	EXPECT_EQ(UNTOUCHED, errno);
	ASSERT_EQ(NULL, mmap_hook);
	ASSERT_NE(MAP_FAILED, intruder);
	EXPECT_EQ(0, (uintptr_t)addr % self->huge);
	EXPECT_FALSE(intruder >= addr && intruder < addr + size);
	addr[0] = 2;
	*intruder = 1;
	EXPECT_EQ(2, addr[0]);
}

FIXTURE(bell) {
	struct ipcchan *chan;
	struct ipcchan_bell bell;
	uint32_t *words;
	size_t size;
	int efd;
};

FIXTURE_SETUP(bell)
{
	void *addr;

	self->chan = open_anon(1, 0, 0);
	ASSERT_NE(NULL, self->chan);
	ASSERT_EQ(0, ipcchan_bell_chan(&self->bell, self->chan));
	ASSERT_EQ(0, ipcchan_map(self->chan, &addr, &self->size));
	self->words = addr;
	self->efd = eventfd(0, EFD_NONBLOCK);
	ASSERT_LE(0, self->efd);
	errno = UNTOUCHED;
}

FIXTURE_TEARDOWN(bell)
{
	EXPECT_EQ(UNTOUCHED, errno);
	close(self->efd);
	ipcchan_close(self->chan);
}

static uint64_t signals(int efd)
{
	int saved = errno;
	uint64_t n = 0;

	if (read(efd, &n, sizeof(n)) != sizeof(n))
		n = 0;
	errno = saved;
	return n;
}

TEST_F(bell, eventfd)
{
	uint32_t *word = self->words + 5, *end = self->words + self->size / 4;

	ASSERT_EQ(0, ipcchan_bell_eventfd(&self->bell, word, self->efd, 1));
	EXPECT_EQ(-EEXIST, ipcchan_bell_eventfd(&self->bell, word, self->efd, 1));
	EXPECT_EQ(0, ipcchan_bell_wake(&self->bell, word, 1));
	EXPECT_EQ(0, ipcchan_bell_wake(&self->bell, word + 1, 1));
	EXPECT_EQ(1, signals(self->efd));
	ASSERT_EQ(0, ipcchan_bell_eventfd(&self->bell, word, self->efd, 0));
	EXPECT_EQ(-ENOENT, ipcchan_bell_eventfd(&self->bell, word, self->efd, 0));
	EXPECT_EQ(0, ipcchan_bell_wake(&self->bell, word, 1));
	EXPECT_EQ(0, signals(self->efd));
	EXPECT_EQ(-EBADF, ipcchan_bell_eventfd(&self->bell, word, -1, 1));
	EXPECT_EQ(-EINVAL, ipcchan_bell_eventfd(&self->bell, end, self->efd, 1));
	EXPECT_EQ(-EINVAL, ipcchan_bell_eventfd(&self->bell, self->words - 1, self->efd, 1));
}

TEST_F(bell, watch)
{
	uint32_t *word = self->words + 5, *end = self->words + self->size / 4;
	int fd = ipcchan_fd(self->chan);

	ASSERT_EQ(0, ipcchan_bell_watch(&self->bell, word, 0));
	EXPECT_EQ(0, poll_now(fd, POLLPRI));
	*word = 1;
	EXPECT_EQ(POLLPRI, poll_now(fd, POLLPRI));
	EXPECT_EQ(-EINVAL, ipcchan_bell_watch(&self->bell, end, 0));
	EXPECT_EQ(-EINVAL, ipcchan_bell_watch(&self->bell, self->words - 1, 0));
	/* A refused one leaves that of before. */
	EXPECT_EQ(POLLPRI, poll_now(fd, POLLPRI));
	ASSERT_EQ(0, ipcchan_bell_watch(&self->bell, word, 1));
	EXPECT_EQ(0, poll_now(fd, POLLPRI));
	*word = 2;
	ASSERT_EQ(0, ipcchan_bell_watch(&self->bell, NULL, 0));
	EXPECT_EQ(0, poll_now(fd, POLLPRI));
}

TEST_HARNESS_MAIN
