// SPDX-License-Identifier: GPL-2.0
/*
 * As nomem_test.c, of mappings: made, touched, moved, cut, inherited.  What fails leaves what
 * was mapped before as it was.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mapping.h"
#include "nomem.h"
#include "place.h"
#include "util.h"

#define PAGES	4
#define POOL	2	/* pages */
/*
 * Steps of fork() before are the kernel's, which complains of a stack that cannot be had, and
 * copies the program first: mappings are copied in order of their addresses.
 */
#define FORK_FIRST	150

enum what { PLAIN, REVOKE, READ_ONLY, OWN_POOL, NR_WHATS };

FIXTURE(nomem) {
	size_t page;
	int nth;		/* of nomem_open() */
	int fd;			/* has a block of all pages; with OWN_POOL, a pool */
	int peer;
	char *map;		/* of it, stamped; of a pool, of the pool's pages */
	char *made;		/* by the last call */
	char *to;		/* room to move it to */
	int end[2];		/* a pipe with a byte in it */
	enum what what;
	int pages;		/* of the mapping */
};

FIXTURE_SETUP(nomem)
{
	self->nth = nomem_open();
	if (self->nth < 0)
		return;
	self->page = page_size();
	ASSERT_EQ(0, pipe2(self->end, O_NONBLOCK | O_CLOEXEC));
	self->fd = -1;
	self->peer = -1;
	self->map = MAP_FAILED;
}

FIXTURE_TEARDOWN(nomem)
{
	close(self->nth);
}

static bool is_writable(FIXTURE_DATA(nomem) *self)
{
	return self->what == PLAIN || self->what == REVOKE;
}

static void *map_it(FIXTURE_DATA(nomem) *self, int flags)
{
	int prot = PROT_READ | (is_writable(self) ? PROT_WRITE : 0);
	off_t offset = self->what == OWN_POOL ? (off_t)IPCCHAN_POOL_OFFSET : 0;

	return mmap(NULL, self->pages * self->page, prot, MAP_SHARED | flags, self->fd, offset);
}

static void forget_map(FIXTURE_DATA(nomem) *self)
{
	if (self->map != MAP_FAILED)
		munmap(self->map, self->pages * self->page);
	self->map = MAP_FAILED;
}

/* A new channel, all of whose pages have been stamped by who has them; not mapped. */
static void prepare(FIXTURE_DATA(nomem) *self)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .buf_size = PAGES * self->page,
		.options = IPCCHAN_OPT_LOANS | (self->what == REVOKE ? IPCCHAN_OPT_REVOKE : 0),
	};
	char *map;

	close(self->peer);
	close(self->fd);
	forget_map(self);
	self->pages = self->what == OWN_POOL ? POOL : PAGES;
	self->fd = chan_open(O_RDWR | O_NONBLOCK, &a);
	self->peer = chan_peer(self->fd, O_RDONLY | O_NONBLOCK);
	if (self->peer < 0 || loan(self->fd, PAGES * self->page, 0, 0) != 0 ||
	    (self->what == OWN_POOL && pool(self->fd, POOL, IPCCHAN_POOL_FAIL, 1)))
		abort();
	map = map_buf(self->fd, PAGES);
	if (!map)
		abort();
	pages_stamp(map, self->page, self->what == OWN_POOL ? 100 : 0, PAGES);
	munmap(map, PAGES * self->page);
}

/* Is it what it was: readable, and where it may be, writable? */
static bool is_whole(FIXTURE_DATA(nomem) *self, char *map, int first, int pages)
{
	int i;

	if (self->what != OWN_POOL && !pages_are_stamped(map, self->page, first, pages))
		return false;
	for (i = 0; i < pages; i++) {
		if (self->what == OWN_POOL && map[i * self->page])
			return false;
		if (is_writable(self) && !is_ours(map + i * self->page))
			return false;
	}
	return true;
}

static int call_mmap(FIXTURE_DATA(nomem) *self)
{
	self->made = map_it(self, 0);
	return self->made == MAP_FAILED ? -errno : 0;
}

static int check_mmap(FIXTURE_DATA(nomem) *self, int ret)
{
	if (ret < 0 && call_mmap(self))
		return 1;
	if (!is_whole(self, self->made, 0, self->pages))
		return 2;
	return munmap(self->made, self->pages * self->page);
}

static int call_populate(FIXTURE_DATA(nomem) *self)
{
	self->made = map_it(self, MAP_POPULATE);
	return self->made == MAP_FAILED ? -errno : 0;
}

static void every_mapping(struct __test_metadata *_metadata, FIXTURE_DATA(nomem) *self,
			  const struct op *op, int least)
{
	for (self->what = 0; self->what < NR_WHATS; self->what++) {
		every_failure(_metadata, self, self->nth, op, least);
		close(self->fd);
		self->fd = -1;
	}
}

TEST_F(nomem, mmap)
{
	const struct op op = { prepare, call_mmap, check_mmap };
	const struct op populate = { prepare, call_populate, check_mmap };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_mapping(_metadata, self, &op, 1);
	every_mapping(_metadata, self, &populate, 1);
}

/* Mapped, of which no page is present, and a byte to put there. */
static void prepare_map(FIXTURE_DATA(nomem) *self)
{
	char c;

	prepare(self);
	self->map = map_it(self, 0);
	while (read(self->end[0], &c, 1) == 1)
		;
	if (self->map == MAP_FAILED || write(self->end[1], "", 1) != 1)
		abort();
}

/* By a system call, which says when it cannot; a page that cannot be had is not in it. */
static int call_touch(FIXTURE_DATA(nomem) *self)
{
	ssize_t ret = is_writable(self) ? read(self->end[0], self->map + self->page + 8, 1) :
					  write(self->end[1], self->map + self->page, 1);

	return ret < 0 ? -errno : 0;
}

/* By an access, which is made again until there is memory. */
static int call_access(FIXTURE_DATA(nomem) *self)
{
	volatile char *byte = self->map + self->page + 8;

	if (is_writable(self))
		*byte = 0;
	else
		(void)*byte;
	return 0;
}

static int check_map(FIXTURE_DATA(nomem) *self, int ret)
{
	(void)ret;
	return !is_whole(self, self->map, 0, self->pages);
}

TEST_F(nomem, touch)
{
	const struct op by_call = { prepare_map, call_touch, check_map };
	const struct op by_access = { prepare_map, call_access, check_map };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	every_mapping(_metadata, self, &by_call, 1);
	every_mapping(_metadata, self, &by_access, 0);
}

/* Each page is present. */
static void prepare_present(FIXTURE_DATA(nomem) *self)
{
	prepare_map(self);
	if (!is_whole(self, self->map, 0, self->pages))
		abort();
	self->to = mmap(NULL, self->pages * self->page, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (self->to == MAP_FAILED)
		abort();
}

/* What is mapped there afterwards is others'. */
static int forget_both(FIXTURE_DATA(nomem) *self, bool good)
{
	forget_map(self);
	munmap(self->to, self->pages * self->page);
	return !good;
}

static int call_move(FIXTURE_DATA(nomem) *self)
{
	size_t len = self->pages * self->page;

	return mremap(self->map, len, len, MREMAP_MAYMOVE | MREMAP_FIXED, self->to) ==
		       MAP_FAILED ? -errno : 0;
}

/* It is where it was, or where it was to go. */
static int check_move(FIXTURE_DATA(nomem) *self, int ret)
{
	return forget_both(self, is_whole(self, ret ? self->map : self->to, 0, self->pages));
}

/* One page in the middle, which leaves two mappings, or at the end. */
static int call_cut(FIXTURE_DATA(nomem) *self)
{
	return munmap(self->map + self->page, self->page) ? -errno : 0;
}

static int check_cut(FIXTURE_DATA(nomem) *self, int ret)
{
	size_t page = self->page;
	bool good;

	if (ret)
		good = is_whole(self, self->map, 0, self->pages);
	else
		good = is_whole(self, self->map, 0, 1) &&
		       is_whole(self, self->map + 2 * page, 2, self->pages - 2);
	return forget_both(self, good);
}

static int call_protect(FIXTURE_DATA(nomem) *self)
{
	return mprotect(self->map, self->page, PROT_NONE) ? -errno : 0;
}

static int check_protect(FIXTURE_DATA(nomem) *self, int ret)
{
	int first = ret ? 0 : 1;
	char *map = self->map + first * self->page;

	return forget_both(self, is_whole(self, map, first, self->pages - first));
}

TEST_F(nomem, change)
{
	const struct op move = { prepare_present, call_move, check_move };
	const struct op cut = { prepare_present, call_cut, check_cut };
	const struct op protect = { prepare_present, call_protect, check_protect };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	/* One with methods of its own, and one that is not at the beginning of the file. */
	for (self->what = REVOKE; self->what < NR_WHATS; self->what += OWN_POOL - REVOKE) {
		every_failure(_metadata, self, self->nth, &move, 1);
		every_failure(_metadata, self, self->nth, &cut, 1);
		every_failure(_metadata, self, self->nth, &protect, 1);
	}
}

/* The child has it too, if there is one. */
static int call_fork(FIXTURE_DATA(nomem) *self)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return -errno;
	if (pid == 0)
		_exit(!is_whole(self, self->map, 0, self->pages));
	if (waitpid(pid, &status, 0) != pid)
		abort();
	/* The child may fail, in what it does itself, as well as this process. */
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : 1;
}

static int check_fork(FIXTURE_DATA(nomem) *self, int ret)
{
	return forget_both(self, ret <= 0 && !check_map(self, ret));
}

TEST_F(nomem, fork)
{
	const struct op op = { prepare_present, call_fork, check_fork };

	if (self->nth < 0)
		SKIP(return, NO_NTH);
	/* Whose mappings are counted. */
	self->what = REVOKE;
	every_failure_from(_metadata, self, self->nth, FORK_FIRST, &op, 20, -EAGAIN);
}

TEST_HARNESS_MAIN
