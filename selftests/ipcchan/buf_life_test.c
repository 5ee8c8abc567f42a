// SPDX-License-Identifier: GPL-2.0
/*
 * How long a mapping of the shared buffer lives: through unmap, close, fork,
 * mremap, madvise, unlink and an attempt to unload, in every order.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "genl.h"
#include "mapping.h"
#include "util.h"

#include "harness.h"

#define PAGES	4
#define RW	(PROT_READ | PROT_WRITE)

FIXTURE(life) {
	char name[IPCCHAN_NAME_SIZE];
	long page;
	size_t size;
	uint32_t id;
	int fd;
	char *map;
};

FIXTURE_SETUP(life)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE };
	struct ipcchan_info info;

	unique_name(self->name);
	strcpy(a.name, self->name);
	self->page = sysconf(_SC_PAGESIZE);
	self->size = PAGES * self->page;
	a.buf_size = self->size;
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, chan_info(self->fd, &info));
	self->id = info.id;
	self->map = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->map);
	pages_stamp(self->map, self->page, 0, PAGES);
}

FIXTURE_TEARDOWN(life)
{
	chan_unlink(self->name);
}

/*
 * The four ways to let go, in all 24 orders; whatever is still mapped must be
 * readable and writable with the right bytes after each step.
 */
enum step { CLOSE, UNLINK, UNMAP_FIRST, UNMAP_SECOND, STEPS };

static bool take_step(enum step step, FIXTURE_DATA(life) *self, char *maps[2])
{
	switch (step) {
	case CLOSE:
		return close(self->fd) == 0;
	case UNLINK:
		return chan_unlink(self->name) == 0;
	default:
		if (munmap(maps[step - UNMAP_FIRST], self->size))
			return false;
		maps[step - UNMAP_FIRST] = NULL;
		return true;
	}
}

static int run_order(const enum step *order, FIXTURE_DATA(life) *self)
{
	char *maps[2] = { self->map, NULL };
	int i, j;

	maps[1] = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);
	if (maps[1] == MAP_FAILED)
		return 1;
	for (i = 0; i < STEPS; i++) {
		if (!take_step(order[i], self, maps))
			return 10 + i;
		for (j = 0; j < 2; j++) {
			if (!maps[j])
				continue;
			if (!pages_are_stamped(maps[j], self->page, i, PAGES))
				return 20 + i;
		}
		for (j = 0; j < 2; j++)
			if (maps[j])
				pages_stamp(maps[j], self->page, i + 1, PAGES);
	}
	return 0;
}

static bool is_order(const enum step *o)
{
	return (1 << o[0] | 1 << o[1] | 1 << o[2] | 1 << o[3]) == (1 << STEPS) - 1;
}

TEST_F(life, every_order_of_letting_go)
{
	enum step o[STEPS];
	int code, orders = 0;

	munmap(self->map, self->size);
	close(self->fd);
	ASSERT_EQ(0, chan_unlink(self->name));
	for (code = 0; code < 256; code++) {
		struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_CREATE,
					    .buf_size = self->size };
		struct ipcchan_info info;

		o[0] = code & 3;
		o[1] = code >> 2 & 3;
		o[2] = code >> 4 & 3;
		o[3] = code >> 6;
		if (!is_order(o))
			continue;
		orders++;
		strcpy(a.name, self->name);
		self->fd = chan_open(O_RDWR, &a);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(0, chan_info(self->fd, &info));
		self->map = mmap(NULL, self->size, RW, MAP_SHARED, self->fd, 0);
		ASSERT_NE(MAP_FAILED, self->map);
		pages_stamp(self->map, self->page, 0, PAGES);
		EXPECT_EQ(0, run_order(o, self))
			TH_LOG("order %d %d %d %d", o[0], o[1], o[2], o[3]);
		EXPECT_FALSE(chan_exists(info.id));
	}
	EXPECT_EQ(24, orders);
}

TEST_F(life, fork_inherits)
{
	pid_t pid = child_fork();
	int go[2];

	ASSERT_LE(0, pid);
	if (pid == 0) {
		close(self->fd);
		_exit(pages_are_stamped(self->map, self->page, 0, PAGES) ? 0 : 1);
	}
	EXPECT_EQ(0, child_wait(pid));

	/* The child's mapping outlives everything of its parent. */
	ASSERT_EQ(0, pipe(go));
	pid = child_fork();
	ASSERT_LE(0, pid);
	if (pid == 0) {
		char c;

		close(self->fd);
		if (read(go[0], &c, 1) != 1)
			_exit(2);
		_exit(pages_are_stamped(self->map, self->page, 5, PAGES) ? 0 : 1);
	}
	pages_stamp(self->map, self->page, 5, PAGES);
	ASSERT_EQ(0, chan_unlink(self->name));
	close(self->fd);
	munmap(self->map, self->size);
	EXPECT_TRUE(chan_exists(self->id));
	ASSERT_EQ(1, write(go[1], "x", 1));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_FALSE(chan_exists(self->id));
}

TEST_F(life, killed_with_a_mapping)
{
	pid_t pid = child_fork();

	ASSERT_LE(0, pid);
	if (pid == 0) {
		close(self->fd);
		for (;;)
			pause();
	}
	munmap(self->map, self->size);
	close(self->fd);
	ASSERT_EQ(0, chan_unlink(self->name));
	EXPECT_TRUE(chan_exists(self->id));
	child_kill(pid);
	EXPECT_FALSE(chan_exists(self->id));
}

TEST_F(life, partial_unmap)
{
	close(self->fd);
	ASSERT_EQ(0, munmap(self->map + self->page, self->page));
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, 1));
	EXPECT_TRUE(pages_are_stamped(self->map + 2 * self->page, self->page, 2, 2));
	ASSERT_EQ(0, chan_unlink(self->name));
	ASSERT_EQ(0, munmap(self->map, self->page));
	EXPECT_TRUE(pages_are_stamped(self->map + 2 * self->page, self->page, 2, 2));
	pages_stamp(self->map + 2 * self->page, self->page, 9, 2);
	EXPECT_TRUE(pages_are_stamped(self->map + 2 * self->page, self->page, 9, 2));
	EXPECT_TRUE(chan_exists(self->id));
	ASSERT_EQ(0, munmap(self->map + 2 * self->page, 2 * self->page));
	EXPECT_FALSE(chan_exists(self->id));
}

TEST_F(life, mremap)
{
	char *to, *part;

	/* Growing would reach past the end. */
	EXPECT_EQ(MAP_FAILED, mremap(self->map, self->size, 2 * self->size,
				     MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES));

	to = mmap(NULL, self->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, to);
	ASSERT_EQ(to, mremap(self->map, self->size, self->size,
			     MREMAP_MAYMOVE | MREMAP_FIXED, to));
	close(self->fd);
	EXPECT_TRUE(pages_are_stamped(to, self->page, 0, PAGES));

	/* Shrunk in place, then its second half moved away. */
	ASSERT_EQ(to, mremap(to, self->size, 2 * self->page, 0));
	EXPECT_TRUE(pages_are_stamped(to, self->page, 0, 2));
	part = mmap(NULL, self->page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, part);
	ASSERT_EQ(part, mremap(to + self->page, self->page, self->page,
			       MREMAP_MAYMOVE | MREMAP_FIXED, part));
	EXPECT_TRUE(pages_are_stamped(part, self->page, 1, 1));
	EXPECT_TRUE(pages_are_stamped(to, self->page, 0, 1));
	EXPECT_EQ(MAP_FAILED, mremap(part, self->page, PAGES * self->page,
				     MREMAP_MAYMOVE));
	munmap(to, self->page);
	EXPECT_TRUE(pages_are_stamped(part, self->page, 1, 1));
	ASSERT_EQ(0, chan_unlink(self->name));
	EXPECT_TRUE(chan_exists(self->id));
	munmap(part, self->page);
	EXPECT_FALSE(chan_exists(self->id));
}

/* System calls may use the mapping as any other memory. */
TEST_F(life, as_a_system_call_buffer)
{
	int fds[2];

	ASSERT_EQ(0, pipe(fds));
	ASSERT_EQ(8, write(fds[1], self->map, 8));
	ASSERT_EQ(8, read(fds[0], self->map + self->page, 8));
	EXPECT_STREQ("page 0", self->map + self->page);
	ASSERT_EQ(8, msg_send(self->fd, self->map, 8));
	ASSERT_EQ(8, msg_recv(self->fd, self->map + 2 * self->page, self->page));
	EXPECT_STREQ("page 0", self->map + 2 * self->page);
	close(self->fd);
}

TEST_F(life, mapping_alone_holds_the_module)
{
	if (geteuid())
		SKIP(return, "must be root to unload a module");
	close(self->fd);
	ASSERT_EQ(0, chan_unlink(self->name));
	EXPECT_EQ(-1, syscall(SYS_delete_module, "ipcchan", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_TRUE(pages_are_stamped(self->map, self->page, 0, PAGES));
}

TEST_HARNESS_MAIN
