// SPDX-License-Identifier: GPL-2.0
/* The state of all channels, for bug reports: who is in it, and that all of them are. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "genl.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define STATE	"/sys/kernel/debug/ipcchan/state"
#define MANY	1000
#define ROOM	(4u << 20)

FIXTURE(state) {
	char *text;
	char net[32];	/* its number, as the file has it */
};

FIXTURE_SETUP(state)
{
	char link[64] = "";
	struct statfs fs;

	if (statfs("/sys/kernel/debug", &fs) || fs.f_type != DEBUGFS_MAGIC)
		SKIP(return, "no debugfs");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_LT(0, readlink("/proc/self/ns/net", link, sizeof(link) - 1));
	ASSERT_EQ(0, strncmp(link, "net:[", 5));
	snprintf(self->net, sizeof(self->net), "%.*s", (int)strcspn(link + 5, "]"), link + 5);
	self->text = malloc(ROOM);
	ASSERT_NE(NULL, self->text);
}

FIXTURE_TEARDOWN(state)
{
	free(self->text);
}

/* All of it, @step bytes at a time.  Return: bytes, or -errno. */
static int look(FIXTURE_DATA(state) *self, size_t step)
{
	int fd = open(STATE, O_RDONLY | O_CLOEXEC), total = 0, len;

	if (fd < 0)
		return -errno;
	do {
		len = read(fd, self->text + total, step);
		total += len > 0 ? len : 0;
	} while (len > 0 && total < (int)(ROOM - step));
	close(fd);
	self->text[total] = '\0';
	return len < 0 ? -errno : total;
}

/* The text about the channel of @fd, in a buffer of its own; "" without. */
static const char *about(FIXTURE_DATA(state) *self, int fd)
{
	static char found[8192];
	struct ipcchan_info info;
	const char *begin, *end;
	char line[64];

	found[0] = '\0';
	if (look(self, 4096) < 0 || chan_info(fd, &info))
		return found;
	snprintf(line, sizeof(line), "\nchannel %u net %s ", info.id, self->net);
	begin = strstr(self->text, line);
	if (!begin)
		return found;
	end = begin + 1;
	do {
		end = strchr(end, '\n');
		end += !!end;
	} while (end && *end == ' ');
	snprintf(found, sizeof(found), "%.*s", (int)(end - begin), begin);
	return found;
}

/* Is there a line of this kind about this process, with this in it? */
static bool tells(const char *text, const char *what, pid_t pid, const char *rest)
{
	char begin[64];
	const char *line;

	snprintf(begin, sizeof(begin), "\n  %s: pid %d tid %d", what, pid, pid);
	line = strstr(text, begin);
	if (!line)
		return false;
	text = strstr(line, rest);
	return text && text < strchr(line + 1, '\n');
}

#define EXPECT_HAS(text, what) do { \
	const char *in = text; \
	EXPECT_NE(NULL, strstr(in, what)) TH_LOG("%s", in); \
} while (0)

#define EXPECT_TELLS(text, what, pid, rest) do { \
	const char *in = text; \
	EXPECT_TRUE(tells(in, what, pid, rest)) TH_LOG("%s", in); \
} while (0)

TEST_F(state, messages_and_waiters)
{
	struct ipcchan_attach two = { .max_msgs = 2 };
	int fd = chan_anon(&two), rd = chan_peer(fd, O_RDONLY);
	const char *text;
	pid_t pid;

	ASSERT_EQ(0, chan_filter(rd, 7, 0));
	ASSERT_EQ(0, label_send(fd, 1, 9, 0, 0));
	ASSERT_EQ(0, label_send(fd, 2, 0, 33, 0));
	pid = child_send(fd, 3, 0, 44);
	text = about(self, fd);
	EXPECT_HAS(text, "endpoints 2 senders 1 receivers 2");
	EXPECT_HAS(text, "queue: msgs 2 bytes 8");
	EXPECT_HAS(text, "limits: msgs 2");
	EXPECT_HAS(text, "levels: 0x201\n");
	EXPECT_HAS(text, "message: len 4 prio 9 type 0");
	EXPECT_HAS(text, "message: len 4 prio 0 type 33");
	EXPECT_HAS(text, "waiting: senders 1 receivers 0");
	EXPECT_TELLS(text, "sender", pid, " type 44");
	child_kill(pid);
	pid = child_recv(rd);
	text = about(self, fd);
	EXPECT_HAS(text, "waiting: senders 0 receivers 1");
	EXPECT_TELLS(text, "receiver", pid, " type 7");
	child_kill(pid);
	close(rd);
	close(fd);
}

TEST_F(state, rpc)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_RPC };
	int wr = chan_open(O_WRONLY, &a), rd = chan_peer(wr, O_RDONLY);
	pid_t pid = start_typed_call(wr, 1, 55);
	struct taken t;
	const char *text;
	char call[64];

	EXPECT_TELLS(about(self, wr), "client", pid, " type 55");
	ASSERT_EQ(1, rpc_take(rd, &t, 0));
	snprintf(call, sizeof(call), " call %llu room 4", (unsigned long long)t.call);
	text = about(self, wr);
	EXPECT_HAS(text, "\n  server: endpoint ");
	EXPECT_TELLS(text, "client", pid, call);
	child_kill(pid);
	EXPECT_EQ(NULL, strstr(about(self, wr), "client"));
	close(rd);
	EXPECT_EQ(NULL, strstr(about(self, wr), "server"));
	close(wr);
}

TEST_F(state, broadcast)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_ANON, .kind = IPCCHAN_KIND_BROADCAST, .max_msgs = 1,
	};
	int wr = chan_open(O_WRONLY, &a), full = chan_peer(wr, O_RDONLY), waits;
	const char *text;
	pid_t sender, receiver;

	ASSERT_EQ(0, msg_send_u32(wr, 1));
	waits = chan_peer(wr, O_RDONLY);
	ASSERT_EQ(0, chan_filter(waits, 77, 0));
	sender = child_send(wr, 2, 0, 0);
	receiver = child_recv(waits);
	text = about(self, wr);
	EXPECT_HAS(text, "broadcast: senders 1");
	EXPECT_HAS(text, "subscriber: strays 0\n");
	EXPECT_HAS(text, "subscriber: strays 0 type 77\n");
	EXPECT_TELLS(text, "sender", sender, "");
	EXPECT_TELLS(text, "receiver", receiver, " type 77");
	child_kill(sender);
	child_kill(receiver);
	close(waits);
	close(full);
	close(wr);
}

static pid_t child_ioctl(int fd, unsigned long cmd, void *arg)
{
	pid_t pid = child_fork();

	if (!pid) {
		do_ioctl(fd, cmd, arg);
		_exit(0);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

TEST_F(state, buffer)
{
	uint64_t offset;
	struct ipcchan_loan want = {
		.len = 3 * page_size(), .offsets = (uintptr_t)&offset, .count = 1,
		.timeout_ns = -1,
	};
	struct ipcchan_wait word = { .offset = 40, .timeout_ns = -1 };
	int fd = loans_anon(IPCCHAN_KIND_QUEUE, 4);
	const char *text;
	pid_t pid[2];

	ASSERT_EQ(0, loan(fd, 2 * page_size(), 0, -1));
	pid[0] = child_ioctl(fd, IPCCHAN_IOC_LOAN, &want);
	pid[1] = child_ioctl(fd, IPCCHAN_IOC_WAIT, &word);
	text = about(self, fd);
	EXPECT_HAS(text, "arena: pages 4 longest-free 2 revoke 0 used 2");
	EXPECT_HAS(text, "tenant: uid 0 pages 2");
	EXPECT_TELLS(text, "borrower", pid[0], " pages 3");
	EXPECT_TELLS(text, "sleeper", pid[1], " offset 40");
	EXPECT_HAS(text, "doorbell: ears 0\n");
	child_kill(pid[0]);
	child_kill(pid[1]);
	close(fd);
}

/* What everything of it begins and ends with; and no addresses of the kernel's. */
TEST_F(state, frame)
{
	int fd = chan_named("a\"b \234", O_RDWR, IPCCHAN_ATTACH_CREATE);

	ASSERT_LE(0, fd);
	EXPECT_HAS(about(self, fd), " name \"a\"b\\040\\234\"\n");
	EXPECT_EQ(0, strncmp(self->text, "module: version ", 16));
	EXPECT_HAS(self->text, "\naccount: uid 0 charges ");
	EXPECT_EQ(NULL, strstr(self->text, "ffff8"));
	chan_unlink("a\"b \234");
	close(fd);
}

static int open_state(const void *arg)
{
	int fd = open(STATE, O_RDONLY | O_CLOEXEC);

	(void)arg;
	return fd < 0 ? -errno : fd;
}

TEST_F(state, not_for_everybody)
{
	struct stat st;

	EXPECT_EQ(-EACCES, as_other(open_state, NULL));
	ASSERT_EQ(0, stat(STATE, &st));
	EXPECT_EQ(S_IFREG | 0400, st.st_mode);
}

static pid_t start_churn(void)
{
	pid_t pid = child_fork();
	int fd[8];
	unsigned int i;

	if (pid)
		return pid;
	memset(fd, -1, sizeof(fd));
	for (i = 0;; i++) {
		close(fd[i % 8]);
		fd[i % 8] = chan_anon(NULL);
	}
}

/* Each channel that is there throughout, once, whatever comes and goes meanwhile. */
TEST_F(state, many_channels)
{
	struct genl *g = genl_open();
	static int seen[MANY];
	char net[32], name[32];
	int i, round, nr;
	const char *at;
	pid_t pid;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many-%d", i);
		ASSERT_EQ(0, genl_new(g, name));
	}
	pid = start_churn();
	for (round = 0; round < 4; round++) {
		memset(seen, 0, sizeof(seen));
		ASSERT_LT(0, look(self, round % 2 ? 65536 : 700));
		for (at = self->text; (at = strstr(at, "\nchannel ")); at++) {
			if (sscanf(at, "\nchannel %*u net %31s name \"many-%d\"", net, &nr) == 2 &&
			    !strcmp(net, self->net) && nr >= 0 && nr < MANY)
				seen[nr]++;
		}
		for (i = 0; i < MANY; i++)
			ASSERT_EQ(1, seen[i]) TH_LOG("many-%d in round %d", i, round);
	}
	child_kill(pid);
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many-%d", i);
		EXPECT_EQ(0, genl_del(g, name, 0));
	}
	genl_close(g);
}

TEST_HARNESS_MAIN
