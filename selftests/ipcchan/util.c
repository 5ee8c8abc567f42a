// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

#define BLOCK_TIMEOUT_NS	(10 * 1000000000ull)
#define PATIENCE_NS	60000000000ull

static volatile sig_atomic_t signal_count;

/* Of a child of as_other(), by access mode: opened while it still might. */
static int spare[3] = { -1, -1, -1 };

/* Before main(), so that no test runs and none has to ask. */
static void __attribute__((constructor)) skip_without_module(void)
{
	int fd = open(IPCCHAN_DEV_PATH, O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		return;
	}
	printf("TAP version 13\n1..1\nok 1 - %s # SKIP ", program_invocation_short_name);
	printf("cannot open %s (%s): load the module, run as root\n", IPCCHAN_DEV_PATH,
	       strerror(errno));
	fflush(stdout);
	_exit(4);
}

int dev_open(int oflags)
{
	int *kept = &spare[oflags & O_ACCMODE];
	int fd = *kept;

	if (fd < 0)
		fd = open(IPCCHAN_DEV_PATH, oflags | O_CLOEXEC, 0600);
	*kept = -1;
	return fd < 0 ? -errno : fd;
}

int do_ioctl(int fd, unsigned long cmd, void *arg)
{
	int ret = ioctl(fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

static uint32_t role_of(int oflags)
{
	switch (oflags & O_ACCMODE) {
	case O_RDONLY:
		return IPCCHAN_ROLE_RECV;
	case O_WRONLY:
		return IPCCHAN_ROLE_SEND;
	default:
		return IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV;
	}
}

int chan_open(int oflags, const struct ipcchan_attach *req)
{
	struct ipcchan_attach a = *req;
	int fd, ret;

	if (!a.role)
		a.role = role_of(oflags);
	fd = dev_open(oflags);
	if (fd < 0)
		return fd;
	ret = do_ioctl(fd, IPCCHAN_IOC_ATTACH, &a);
	if (ret < 0) {
		close(fd);
		return ret;
	}
	return fd;
}

int chan_anon(const struct ipcchan_attach *limits)
{
	struct ipcchan_attach a = { 0 };

	if (limits)
		a = *limits;
	a.flags = IPCCHAN_ATTACH_ANON;
	return chan_open(O_RDWR, &a);
}

int chan_named(const char *name, int oflags, uint32_t flags)
{
	struct ipcchan_attach a = { .flags = flags };

	strncpy(a.name, name, sizeof(a.name) - 1);
	return chan_open(oflags, &a);
}

int chan_peer(int fd, int oflags)
{
	struct ipcchan_attach a = { .flags = IPCCHAN_ATTACH_FD, .fd = fd };

	return chan_open(oflags, &a);
}

int chan_unlink(const char *name)
{
	struct ipcchan_unlink u = { 0 };
	int fd = dev_open(O_RDONLY);
	int ret;

	if (fd < 0)
		return fd;
	strncpy(u.name, name, sizeof(u.name) - 1);
	ret = do_ioctl(fd, IPCCHAN_IOC_UNLINK, &u);
	close(fd);
	return ret;
}

int chan_info(int fd, struct ipcchan_info *info)
{
	memset(info, 0, sizeof(*info));
	return do_ioctl(fd, IPCCHAN_IOC_INFO, info);
}

int chan_msgs(int fd)
{
	struct ipcchan_info info;
	int ret = chan_info(fd, &info);

	return ret < 0 ? ret : (int)info.msgs;
}

int chan_next(int fd)
{
	int len = -1;
	int ret = do_ioctl(fd, FIONREAD, &len);

	return ret < 0 ? ret : len;
}

ssize_t msg_send(int fd, const void *buf, size_t len)
{
	ssize_t ret = write(fd, buf, len);

	return ret < 0 ? -errno : ret;
}

ssize_t msg_recv(int fd, void *buf, size_t len)
{
	ssize_t ret = read(fd, buf, len);

	return ret < 0 ? -errno : ret;
}

int msg_send_u32(int fd, uint32_t value)
{
	ssize_t ret = msg_send(fd, &value, sizeof(value));

	if (ret < 0)
		return ret;
	return ret == sizeof(value) ? 0 : -EBADMSG;
}

int64_t msg_recv_u32(int fd)
{
	uint32_t value[2];
	ssize_t ret = msg_recv(fd, value, sizeof(value));

	if (ret < 0)
		return ret;
	return ret == sizeof(value[0]) ? (int64_t)value[0] : -EBADMSG;
}

static int xfer(int fd, unsigned long cmd, struct ipcchan_xfer x)
{
	return do_ioctl(fd, cmd, &x);
}

int xfer_send(int fd, struct ipcchan_msghdr *msgs, uint32_t count, uint32_t flags,
	      int64_t timeout_ns)
{
	return xfer(fd, IPCCHAN_IOC_SEND, (struct ipcchan_xfer) {
		.msgs = (uintptr_t)msgs, .count = count, .flags = flags,
		.timeout_ns = timeout_ns,
	});
}

int xfer_recv(int fd, struct ipcchan_msghdr *msgs, uint32_t count, uint32_t flags,
	      int64_t timeout_ns)
{
	return xfer(fd, IPCCHAN_IOC_RECV, (struct ipcchan_xfer) {
		.msgs = (uintptr_t)msgs, .count = count, .flags = flags,
		.timeout_ns = timeout_ns,
	});
}

int label_send(int fd, uint32_t value, uint32_t prio, uint32_t type, uint32_t flags)
{
	struct ipcchan_msghdr h = {
		.buf = (uintptr_t)&value, .len = sizeof(value), .prio = prio,
		.type = type,
	};
	int ret = xfer_send(fd, &h, 1, flags, IPCCHAN_WAIT_FOREVER);

	return ret < 0 ? ret : ret == 1 ? 0 : -EBADMSG;
}

int64_t label_recv(int fd, struct ipcchan_msghdr *h, uint32_t flags)
{
	uint32_t value[2];
	struct ipcchan_msghdr own, *to = h ? h : &own;
	int ret;

	*to = (struct ipcchan_msghdr) { .buf = (uintptr_t)value, .len = sizeof(value) };
	ret = xfer_recv(fd, to, 1, flags, IPCCHAN_WAIT_FOREVER);
	if (ret <= 0)
		return ret ? ret : -ENODATA;
	return ret == 1 && to->len == sizeof(value[0]) ? (int64_t)value[0] : -EBADMSG;
}

int chan_filter(int fd, int64_t type, uint32_t min_prio)
{
	struct ipcchan_filter f = {
		.flags = type < 0 ? 0 : IPCCHAN_FILTER_TYPE,
		.type = type < 0 ? 0 : type, .min_prio = min_prio,
	};

	return do_ioctl(fd, IPCCHAN_IOC_FILTER, &f);
}

int poll_now(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, 0) < 0 ? -errno : p.revents;
}

int set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

void unique_name(char name[IPCCHAN_NAME_SIZE])
{
	static unsigned int serial;

	snprintf(name, IPCCHAN_NAME_SIZE, "kselftest-%d-%u", getpid(), serial++);
}

pid_t child_fork(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(255);
	}
	return pid;
}

int child_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) :
				   CHILD_SIGNALED + WTERMSIG(status);
}

void child_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	child_wait(pid);
}

pid_t child_send(int fd, uint32_t value, uint32_t prio, uint32_t type)
{
	pid_t pid = child_fork();

	if (pid == 0)
		_exit(-label_send(fd, value, prio, type, 0));
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

pid_t child_recv(int fd)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t v = label_recv(fd, NULL, 0);

		_exit(v < 0 ? CHILD_ERROR - v : v);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

int as_other(int (*fn)(const void *arg), const void *arg)
{
	pid_t pid = child_fork();
	int ret, i;

	if (pid < 0)
		return pid;
	if (pid == 0) {
		for (i = O_RDONLY; i <= O_RDWR; i++)
			spare[i] = dev_open(i);
		if (setgroups(0, NULL) ||
		    setresgid(OTHER_ID, OTHER_ID, OTHER_ID) ||
		    setresuid(OTHER_ID, OTHER_ID, OTHER_ID))
			_exit(255);
		_exit(-fn(arg));
	}
	ret = child_wait(pid);
	return ret < CHILD_SIGNALED ? -ret : -ECHILD;
}

/* Return: the letter of its state, 0 without one. */
static char state_of_task(pid_t tid)
{
	char path[64], line[256];
	char *name_end = NULL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	f = fopen(path, "re");
	if (!f)
		return '\0';
	if (fgets(line, sizeof(line), f))
		name_end = strrchr(line, ')');
	fclose(f);
	return name_end && name_end[1] ? name_end[2] : '\0';
}

bool is_blocked(pid_t tid, long nr)
{
	char path[64], line[128];
	char *end;
	FILE *f;
	bool ret = false;

	snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
	f = fopen(path, "re");
	if (!f)
		return false;
	/* "running", or the number of the call that it sleeps in. */
	if (fgets(line, sizeof(line), f)) {
		long seen = strtol(line, &end, 10);

		ret = end != line && seen == nr;
	}
	fclose(f);
	/* Who was woken, and is on its way to another processor, seems to sleep in it still. */
	return ret && state_of_task(tid) != 'R';
}

bool wait_blocked(pid_t tid, long nr)
{
	uint64_t deadline = now_ns() + BLOCK_TIMEOUT_NS;

	while (!is_blocked(tid, nr)) {
		if (now_ns() > deadline)
			return false;
		sleep_ms(1);
	}
	return true;
}

bool wait_asleep(pid_t pid)
{
	uint64_t deadline = now_ns() + BLOCK_TIMEOUT_NS;

	while (state_of_task(pid) != 'S') {
		if (now_ns() > deadline)
			return false;
		sleep_ms(1);
	}
	return true;
}

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

void sleep_ms(unsigned int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000l };

	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, &ts) == EINTR)
		;
}

static void count_signal(int signo)
{
	(void)signo;
	signal_count++;
}

void on_signal(int signo, int flags)
{
	struct sigaction sa = { .sa_handler = count_signal, .sa_flags = flags };

	sigaction(signo, &sa, NULL);
}

int signals_seen(void)
{
	return signal_count;
}

char *bad_page(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + page, page, PROT_NONE))
		abort();
	return p + page;
}

void run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		abort();
}

void stay_on_cpu(void)
{
	run_on(sched_getcpu());
}

uint32_t test_scale(uint32_t full)
{
	const char *env = getenv("IPCCHAN_TEST_SCALE");
	uint64_t percent = env && *env ? strtoul(env, NULL, 10) : 100;
	uint64_t n = full * percent / 100;

	return n ? n : 1;
}

bool test_goes_on(uint64_t end, bool enough)
{
	uint64_t now = now_ns();

	return now < end || (!enough && now < end + PATIENCE_NS);
}

bool test_slow(void)
{
	return getenv("IPCCHAN_TEST_SLOW");
}
