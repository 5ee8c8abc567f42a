// SPDX-License-Identifier: GPL-2.0
/*
 * An attacker that has what others wait for, and stops: whatever they wait in, a signal ends
 * it, and so does SIGKILL; where there is a time limit it counts.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ns.h"
#include "place.h"
#include "rpc.h"
#include "util.h"

#include "harness.h"

#define NAME		"blocked"
#define ATTACKER	OTHER_ID
#define PAGES		4
#define LIMIT_NS	100000000	/* of a wait that has one */
#define PATIENCE_MS	30000

/* Each waits until something ends it.  Return: that error. */
static int in_read(int fd, int64_t timeout_ns)
{
	char buf[8];

	(void)timeout_ns;
	return msg_recv(fd, buf, sizeof(buf));
}

static int in_write(int fd, int64_t timeout_ns)
{
	(void)timeout_ns;
	return msg_send(fd, "w", 1);
}

static struct ipcchan_msghdr header(void)
{
	static char buf[8];

	return (struct ipcchan_msghdr) { .buf = (uintptr_t)buf, .len = sizeof(buf) };
}

static int in_recv(int fd, int64_t timeout_ns)
{
	struct ipcchan_msghdr h = header();

	return xfer_recv(fd, &h, 1, 0, timeout_ns);
}

static int in_send(int fd, int64_t timeout_ns)
{
	struct ipcchan_msghdr h = header();

	return xfer_send(fd, &h, 1, 0, timeout_ns);
}

static int in_loan(int fd, int64_t timeout_ns)
{
	return loan(fd, 1, 0, timeout_ns);
}

static int in_call(int fd, int64_t timeout_ns)
{
	return rpc_call(fd, 1, timeout_ns);
}

static int in_serve(int fd, int64_t timeout_ns)
{
	struct ipcchan_msghdr h = header();
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_NEXT, .timeout_ns = timeout_ns, .request = h,
	};

	return do_ioctl(fd, IPCCHAN_IOC_SERVE, &s);
}

static int in_wait(int fd, int64_t timeout_ns)
{
	struct ipcchan_wait w = { .timeout_ns = timeout_ns };

	return do_ioctl(fd, IPCCHAN_IOC_WAIT, &w);
}

static int in_poll(int fd, int64_t timeout_ns)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int ret = poll(&p, 1, timeout_ns < 0 ? -1 : timeout_ns / 1000000);

	return ret < 0 ? -errno : ret ? -EBADMSG : -ETIMEDOUT;
}

static int in_lock(int fd, int64_t timeout_ns)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1 };

	(void)timeout_ns;
	return fcntl(fd, F_OFD_SETLKW, &l) ? -errno : 0;
}

/* What the attacker does before it stops.  Return: 0 when it has done so. */
static int nothing(int fd)
{
	return fd < 0;
}

static int fill(int fd)
{
	while (!label_send(fd, 1, 0, 0, IPCCHAN_XFER_NONBLOCK))
		;
	return 0;
}

static int hold_blocks(int fd)
{
	while (loan(fd, 1, IPCCHAN_XFER_NONBLOCK, 0) >= 0)
		;
	return 0;
}

static int hold_lock(int fd)
{
	return in_lock(fd, 0);
}

static int take_call(int fd)
{
	struct taken t;

	return rpc_take(fd, &t, 0) != 1;
}

FIXTURE(block) {
	int fd;
	pid_t attacker;
};

FIXTURE_VARIANT(block) {
	int (*wait)(int fd, int64_t timeout_ns);
	int (*stop)(int fd);	/* by the attacker */
	uint32_t kind;
	bool no_limit;		/* it has no time limit */
	bool owner_holds;	/* the victim's own does what the attacker may not do alone */
	bool pool;		/* the attacker has one */
};

FIXTURE_VARIANT_ADD(block, read) { in_read, nothing, .no_limit = true };
FIXTURE_VARIANT_ADD(block, write) { in_write, nothing, .no_limit = true, .owner_holds = true };
FIXTURE_VARIANT_ADD(block, recv) { in_recv, nothing };
FIXTURE_VARIANT_ADD(block, send) { in_send, nothing, .owner_holds = true };
FIXTURE_VARIANT_ADD(block, poll) { in_poll, nothing };
FIXTURE_VARIANT_ADD(block, doorbell) { in_wait, nothing };
FIXTURE_VARIANT_ADD(block, loan) { in_loan, hold_blocks, .owner_holds = true };
FIXTURE_VARIANT_ADD(block, lock) { in_lock, hold_lock, .no_limit = true };
FIXTURE_VARIANT_ADD(block, pool) { in_send, nothing, .owner_holds = true, .pool = true };
#define BROADCAST	IPCCHAN_KIND_BROADCAST
FIXTURE_VARIANT_ADD(block, publish) { in_send, nothing, BROADCAST, .owner_holds = true };
FIXTURE_VARIANT_ADD(block, hear) { in_recv, nothing, BROADCAST };
FIXTURE_VARIANT_ADD(block, not_taken) { in_call, nothing, IPCCHAN_KIND_RPC };
FIXTURE_VARIANT_ADD(block, not_answered) { in_call, take_call, IPCCHAN_KIND_RPC };
FIXTURE_VARIANT_ADD(block, serve) { in_serve, nothing, IPCCHAN_KIND_RPC };

FIXTURE_SETUP(block)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .kind = variant->kind,
		.mode = 0666, .max_msgs = 4, .name = NAME,
	};

	if (variant->kind == IPCCHAN_KIND_QUEUE) {
		a.buf_size = PAGES * page_size();
		a.options = IPCCHAN_OPT_LOANS;
	}
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, device_for_all());
	self->fd = chan_open(O_RDWR, &a);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(block)
{
	child_kill(self->attacker);
	close(self->fd);
	chan_unlink(NAME);
}

/* A process of another user, with an endpoint of its own, that stops with what it has. */
static pid_t start_attacker(bool has_pool, int (*stop)(int fd))
{
	pid_t pid = child_fork();
	int fd;

	if (pid)
		return pid;
	if (setregid(ATTACKER, ATTACKER) || setreuid(ATTACKER, ATTACKER))
		_exit(1);
	fd = chan_named(NAME, O_RDWR, 0);
	if (fd < 0 || (has_pool && pool(fd, 1, IPCCHAN_POOL_BLOCK, 1)) || stop(fd))
		_exit(1);
	for (;;)
		raise(SIGSTOP);
}

static bool attacker_stops(pid_t pid)
{
	int status;

	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status);
}

/* A child that waits, and exits with the errno. */
static pid_t start_victim(int fd, int (*wait)(int fd, int64_t timeout_ns), int64_t timeout_ns)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		on_signal(SIGUSR1, 0);
		_exit(-wait(fd, timeout_ns));
	}
	return pid;
}

/* Return: its exit status, CHILD_SIGNALED and the signal, or -ETIMEDOUT. */
static int ends(pid_t pid, int signo)
{
	uint64_t end = now_ns() + PATIENCE_MS * 1000000ull;
	int status;

	while (now_ns() < end) {
		/* One that comes before it sleeps again is lost. */
		if (signo)
			kill(pid, signo);
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) :
						   CHILD_SIGNALED + WTERMSIG(status);
		sleep_ms(10);
	}
	child_kill(pid);
	return -ETIMEDOUT;
}

TEST_F(block, by_one_who_stops)
{
	pid_t pid, first = 0;
	int status;

	self->attacker = start_attacker(variant->pool, variant->stop);
	ASSERT_LE(0, self->attacker);
	if (variant->stop == take_call) {
		first = start_victim(self->fd, variant->wait, IPCCHAN_WAIT_FOREVER);
		ASSERT_LE(0, first);
	}
	ASSERT_TRUE(attacker_stops(self->attacker));
	if (variant->owner_holds) {
		ASSERT_EQ(0, variant->stop == hold_blocks ? hold_blocks(self->fd) :
							    fill(self->fd));
	}
	pid = first ?: start_victim(self->fd, variant->wait, IPCCHAN_WAIT_FOREVER);
	ASSERT_TRUE(wait_asleep(pid));
	sleep_ms(20);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	EXPECT_EQ(EINTR, ends(pid, SIGUSR1));

	pid = start_victim(self->fd, variant->wait, IPCCHAN_WAIT_FOREVER);
	ASSERT_TRUE(wait_asleep(pid));
	EXPECT_EQ(CHILD_SIGNALED + SIGKILL, ends(pid, SIGKILL));

	if (!variant->no_limit) {
		pid = start_victim(self->fd, variant->wait, LIMIT_NS);
		EXPECT_EQ(ETIMEDOUT, ends(pid, 0));
	}
	/* Whoever leaves waits for nobody. */
	pid = child_fork();
	if (pid == 0) {
		close(chan_named(NAME, O_RDWR, 0));
		_exit(0);
	}
	EXPECT_EQ(0, ends(pid, 0));
}

TEST_HARNESS_MAIN
