// SPDX-License-Identifier: GPL-2.0
/*
 * The 32-bit side of compat_test.c.  It is built without a C library, so that
 * no 32-bit one need be installed, and makes its system calls itself.
 *
 *	compat_peer STEP
 *
 * Descriptor 3 is a channel that the 64-bit side has made, with a buffer, room
 * for four messages and mode 0600.  The exit status is 0, or 1 with the check
 * that failed on standard error.
 */
#include <asm/ioctls.h>
#include <asm/poll.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/ipcchan.h>
#include <linux/mman.h>
#include <linux/uio.h>

_Static_assert(sizeof(void *) == 4, "to be built with -m32");

#define CHAN		3
#define PAGE		4096
#define ROLE_BOTH	(IPCCHAN_ROLE_SEND | IPCCHAN_ROLE_RECV)
#define OWN_NAME	"of 32 bits"	/* as in compat_test.c */
#define ABOVE_32	0x100000000ULL

static long sys3(long nr, long a, long b, long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret) : "0" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory");
	return ret;
}

/* The compiler may call these two for a structure. */
void *memset(void *to, int c, unsigned long n)
{
	char *p = to;

	while (n--) {
		*p++ = c;
		asm volatile("" : : : "memory");
	}
	return to;
}

void *memcpy(void *to, const void *from, unsigned long n)
{
	const char *q = from;
	char *p = to;

	while (n--) {
		*p++ = *q++;
		asm volatile("" : : : "memory");
	}
	return to;
}

static unsigned int length(const char *s)
{
	unsigned int n = 0;

	while (s[n])
		n++;
	return n;
}

static int same(const void *a, const void *b, unsigned int n)
{
	const char *p = a, *q = b;

	while (n && *p++ == *q++)
		n--;
	return !n;
}

static void leave(int status)
{
	for (;;)
		sys3(__NR_exit, status, 0, 0);
}

static void failed(const char *what)
{
	sys3(__NR_write, 2, (long)what, length(what));
	leave(1);
}

#define STRING(x)	#x
#define AT_LINE(x)	"# compat_peer.c:" STRING(x) ": "

#define CHECK(cond) do { \
	if (!(cond)) \
		failed(AT_LINE(__LINE__) #cond "\n"); \
} while (0)

static long chan_ioctl(int fd, unsigned long cmd, void *arg)
{
	return sys3(__NR_ioctl, fd, cmd, (long)arg);
}

static long receive(int fd, void *buf, unsigned int len)
{
	return sys3(__NR_read, fd, (long)buf, len);
}

static long send(int fd, const void *buf, unsigned int len)
{
	return sys3(__NR_write, fd, (long)buf, len);
}

static int open_device(void)
{
	long fd = sys3(__NR_open, (long)IPCCHAN_DEV_PATH, O_RDWR, 0);

	CHECK(fd >= 0);
	return fd;
}

/* The other side's answer comes as a message. */
static void step_query(void)
{
	struct ipcchan_query q = { 0 }, theirs;

	CHECK(receive(CHAN, &theirs, sizeof(theirs)) == sizeof(theirs));
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_QUERY, &q) == 0);
	CHECK(same(&q, &theirs, sizeof(q)));
	CHECK(q.abi_version == IPCCHAN_ABI_VERSION);
	q.reserved = 1;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_QUERY, &q) == -EINVAL);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_QUERY, (void *)-4096) == -EFAULT);
}

static void step_info(void)
{
	struct ipcchan_info info = { 0 }, theirs;

	CHECK(receive(CHAN, &theirs, sizeof(theirs)) == sizeof(theirs));
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_INFO, &info) == 0);
	CHECK(same(&info, &theirs, sizeof(info)));
	info = (struct ipcchan_info) { .flags = 1 };
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_INFO, &info) == -EINVAL);
}

/* Its channel stays, and its id goes to the other side. */
static void step_attach(void)
{
	struct ipcchan_attach a = {
		.flags = IPCCHAN_ATTACH_CREATE | IPCCHAN_ATTACH_EXCL, .role = ROLE_BOTH,
		.mode = 0640, .max_msgs = 7, .max_msg_size = 100, .max_bytes = 300,
		.buf_size = 3 * PAGE, .name = OWN_NAME,
	};
	struct ipcchan_attach again = {
		.flags = IPCCHAN_ATTACH_FD, .role = IPCCHAN_ROLE_RECV, .fd = CHAN,
	};
	int fd = open_device();

	a.max_bytes += ABOVE_32;
	CHECK(chan_ioctl(fd, IPCCHAN_IOC_ATTACH, &a) == -EINVAL);
	a.max_bytes -= ABOVE_32;
	a.buf_size += ABOVE_32;
	CHECK(chan_ioctl(fd, IPCCHAN_IOC_ATTACH, &a) == -EINVAL);
	a.buf_size -= ABOVE_32;
	CHECK(chan_ioctl(fd, IPCCHAN_IOC_ATTACH, &a) == 0);
	CHECK(a.id != 0);
	CHECK(chan_ioctl(fd, IPCCHAN_IOC_ATTACH, &a) == -EISCONN);
	CHECK(send(CHAN, &a.id, sizeof(a.id)) == sizeof(a.id));

	fd = open_device();
	CHECK(chan_ioctl(fd, IPCCHAN_IOC_ATTACH, &again) == 0);
	CHECK(again.id != 0 && again.id != a.id);
	CHECK(send(fd, "x", 1) == -EBADF);
}

static void step_unlink(void)
{
	struct ipcchan_unlink u = { .name = OWN_NAME };

	u.reserved = 1;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_UNLINK, &u) == -EINVAL);
	u.reserved = 0;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_UNLINK, &u) == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_UNLINK, &u) == -ENOENT);
}

/* "from 64" waits; what is sent is taken by the other side. */
static void step_messages(void)
{
	char buf[16], tail[8];
	struct iovec in[2] = { { buf, 3 }, { tail, sizeof(tail) } };
	struct iovec out[2] = { { (char *)"vec", 3 }, { (char *)"tor", 3 } };
	int next = -1;

	CHECK(chan_ioctl(CHAN, FIONREAD, &next) == 0 && next == 7);
	CHECK(receive(CHAN, buf, 6) == -EMSGSIZE);
	CHECK(receive(CHAN, (void *)-4096, 7) == -EFAULT);
	CHECK(receive(CHAN, buf, sizeof(buf)) == 7 && same(buf, "from 64", 7));
	CHECK(send(CHAN, "again", 5) == 5);
	CHECK(sys3(__NR_readv, CHAN, (long)in, 2) == 5);
	CHECK(same(buf, "aga", 3) && same(tail, "in", 2));
	CHECK(send(CHAN, "from 32", 7) == 7);
	CHECK(sys3(__NR_writev, CHAN, (long)out, 2) == 6);
}

static void step_poll(void)
{
	struct pollfd p = { .fd = CHAN, .events = POLLIN | POLLOUT };
	int i;

	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 1 && p.revents == POLLOUT);
	for (i = 0; i < 4; i++)
		CHECK(send(CHAN, "m", 1) == 1);
	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 1 && p.revents == POLLIN);
	for (i = 0; i < 4; i++)
		CHECK(receive(CHAN, &p.revents, sizeof(p.revents)) == 1);
	/* A sleeper, whom the other side wakes. */
	p.events = POLLIN;
	CHECK(sys3(__NR_poll, (long)&p, 1, 10000) == 1 && p.revents == POLLIN);
}

/* The call that takes its arguments from memory, as there are six. */
static char *map(unsigned long len, int prot, unsigned long offset)
{
	unsigned long args[6] = { 0, len, prot, MAP_SHARED, CHAN, offset };

	return (char *)sys3(__NR_mmap, (long)args, 0, 0);
}

/* The other side has written to the second page and reads the third. */
static void step_map(void)
{
	char *p = map(2 * PAGE, PROT_READ | PROT_WRITE, PAGE);

	CHECK((unsigned long)p < -4095ul);
	CHECK(same(p, "second page", 12));
	memcpy(p + PAGE, "third page", 11);
	CHECK(sys3(__NR_munmap, (long)p, 2 * PAGE, 0) == 0);
	CHECK(map(2 * PAGE, PROT_READ, 2 * PAGE) == (char *)-EINVAL);
}

static void step_bell_errors(void)
{
	struct ipcchan_wait w = { .expected = 1 };
	struct ipcchan_wake k = { .count = 1 };
	struct ipcchan_bell_fd b = { .fd = CHAN };
	struct ipcchan_watch watch = { .expected = 1 };

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_BELL_FD, &b) == -EINVAL);
	b.fd = sys3(__NR_eventfd2, 0, 0, 0);
	CHECK(b.fd >= 0 && chan_ioctl(CHAN, IPCCHAN_IOC_BELL_FD, &b) == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_BELL_FD, &b) == -EEXIST);
	b.flags = IPCCHAN_BELL_FD_REMOVE;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_BELL_FD, &b) == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WATCH, &watch) == 0);
	watch.offset = ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WATCH, &watch) == -EINVAL);
	watch = (struct ipcchan_watch) { .flags = IPCCHAN_WATCH_OFF };
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WATCH, &watch) == 0);

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == -EAGAIN);
	w.offset = ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == -EINVAL);
	w = (struct ipcchan_wait) { .timeout_ns = 1000000 };
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == -ETIMEDOUT);
	w.timeout_ns = -2;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == -EINVAL);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAKE, &k) == 0);
	k.offset = ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAKE, &k) == -EINVAL);
}

/* The low half of the time is over at once. */
static void step_bell_wait(void)
{
	struct ipcchan_wait w = { .offset = PAGE + 4, .timeout_ns = 10 * ABOVE_32 + 1 };

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == 0);
	w.timeout_ns = IPCCHAN_WAIT_FOREVER;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAIT, &w) == 0);
}

/* Words that are 0: an eventfd hears of one, poll() looks at another. */
static void step_ears(void)
{
	struct ipcchan_bell_fd b = { .fd = sys3(__NR_eventfd2, 0, O_NONBLOCK, 0) };
	struct ipcchan_watch watch = { .offset = PAGE, .expected = 0x80000000 };
	struct ipcchan_wake k = { .offset = PAGE + 4, .count = 1 };
	struct pollfd p = { .fd = CHAN, .events = POLLPRI };
	unsigned long long rings = 0;

	b.offset = k.offset;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_BELL_FD, &b) == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAKE, &k) == 0);
	CHECK(receive(b.fd, &rings, sizeof(rings)) == sizeof(rings) && rings == 1);
	k.offset = PAGE;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAKE, &k) == 0);
	CHECK(receive(b.fd, &rings, sizeof(rings)) == -EAGAIN);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WATCH, &watch) == 0);
	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 1 && p.revents == POLLPRI);
	watch.expected = 0;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WATCH, &watch) == 0);
	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 0);
}

static void step_bell_wake(void)
{
	struct ipcchan_wake k = { .offset = PAGE + 4, .count = 5 };

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_WAKE, &k) == 1);
}

static struct ipcchan_msghdr header(const void *buf, unsigned int len)
{
	return (struct ipcchan_msghdr) { .buf = (unsigned long)buf, .len = len };
}

/* A label that needs all its bits, and a descriptor; the other side takes both. */
static void step_send(void)
{
	struct ipcchan_msghdr h[2] = { header("one", 3), header("two", 3) };
	struct ipcchan_xfer x = {
		.msgs = (unsigned long)h, .count = 2, .timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	int ends[2];

	CHECK(sys3(__NR_pipe, (long)ends, 0, 0) == 0);
	h[0].prio = 3;
	h[0].type = -1;
	h[0].cookie = ABOVE_32 + 5;
	h[1].fds = (unsigned long)&ends[1];
	h[1].nr_fds = 1;
	x.msgs += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SEND, &x) == -EFAULT);
	x.msgs -= ABOVE_32;
	h[0].buf += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SEND, &x) == -EFAULT);
	h[0].buf -= ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SEND, &x) == 2);
	/* What the other side writes to the descriptor. */
	CHECK(receive(ends[0], h, 1) == 1);
}

/* A message with a label and its sender's pid, then one that is waited for very long. */
static void step_recv(void)
{
	unsigned int value[2] = { 0 };
	struct ipcchan_msghdr h[2] = { header(&value[0], 4), header(&value[1], 4) };
	struct ipcchan_xfer x = { .msgs = (unsigned long)h, .count = 2 };

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == 1);
	CHECK(h[0].len == 4 && h[0].prio == 9 && h[0].type == 0x80000001);
	CHECK(h[0].pid == value[0] && h[0].opener_pid == value[0] && h[0].uid == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == -EAGAIN);
	x.timeout_ns = 1000000;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == -ETIMEDOUT);
	x.timeout_ns = 10 * ABOVE_32 + 1;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == 1);
	CHECK(value[0] == 77);
}

/* Of three blocks one is sent, built in place, and one given back. */
static void step_loan(void)
{
	unsigned long long at[3] = { 0 };
	struct ipcchan_loan l = {
		.len = PAGE, .offsets = (unsigned long)at, .count = 3,
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
	};
	struct ipcchan_give_back g = { .offsets = (unsigned long)&at[2], .count = 1 };
	struct ipcchan_msghdr h = { .len = 12, .flags = IPCCHAN_MSG_PLACED };
	struct ipcchan_xfer x = { .msgs = (unsigned long)&h, .count = 1 };
	char *p = map(3 * PAGE, PROT_READ | PROT_WRITE, 0);

	CHECK((unsigned long)p < -4095ul);
	l.offsets += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_LOAN, &l) == -EFAULT);
	l.offsets -= ABOVE_32;
	l.len += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_LOAN, &l) == -EMSGSIZE);
	l.len -= ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_LOAN, &l) == 3);
	CHECK(at[0] == 0 && at[1] == PAGE && at[2] == 2 * PAGE);
	l.timeout_ns = 1000000;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_LOAN, &l) == -ETIMEDOUT);

	memcpy(p + PAGE, "built by 32", 12);
	h.buf = at[1] + ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SEND, &x) == -ENOENT);
	h.buf = at[1];
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SEND, &x) == 1);
	g.offsets += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_GIVE_BACK, &g) == -EFAULT);
	g.offsets -= ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_GIVE_BACK, &g) == 1);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_GIVE_BACK, &g) == -ENOENT);
}

/* The other call that maps, whose offset is in pages, as beyond 32 bits. */
static char *map_pool(unsigned long len)
{
	long ret;

	asm volatile("push	%%ebp\n\t"
		     "mov	%%eax, %%ebp\n\t"
		     "mov	%[nr], %%eax\n\t"
		     "int	$0x80\n\t"
		     "pop	%%ebp"
		     : "=a" (ret)
		     : "0" ((long)(IPCCHAN_POOL_OFFSET / PAGE)), [nr] "i" (__NR_mmap2), "b" (0),
		       "c" (len), "d" (PROT_READ), "S" (MAP_SHARED), "D" (CHAN)
		     : "memory");
	return (char *)ret;
}

/* A message to oneself, which is copied once; where it is takes more than 32 bits. */
static void step_pool(void)
{
	struct ipcchan_pool pool = { .size = ABOVE_32 + PAGE, .full = IPCCHAN_POOL_FAIL };
	struct ipcchan_msghdr h = { 0 };
	struct ipcchan_xfer x = {
		.msgs = (unsigned long)&h, .count = 1, .flags = IPCCHAN_XFER_PLACE,
	};
	unsigned long long at;
	struct ipcchan_give_back g = { .offsets = (unsigned long)&at, .count = 1 };
	char *p;

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_POOL, &pool) == -EINVAL);
	pool.size = PAGE;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_POOL, &pool) == 0);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_POOL, &pool) == -EBUSY);
	p = map_pool(PAGE);
	CHECK((unsigned long)p < -4095ul);
	CHECK(send(CHAN, "pooled", 6) == 6);
	CHECK(send(CHAN, "pooled", 6) == -ENOBUFS);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == 1);
	CHECK(h.flags == IPCCHAN_MSG_PLACED && h.len == 6 && h.buf == IPCCHAN_POOL_OFFSET);
	CHECK(same(p, "pooled", 6));
	at = h.buf - IPCCHAN_POOL_OFFSET;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_GIVE_BACK, &g) == -ENOENT);
	at = h.buf;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_GIVE_BACK, &g) == 1);
}

static void step_filter(void)
{
	struct ipcchan_filter f = {
		.flags = IPCCHAN_FILTER_TYPE, .type = 7, .low_bytes = ABOVE_32,
	};
	struct pollfd p = { .fd = CHAN, .events = POLLIN };
	unsigned int value;
	struct ipcchan_msghdr h = header(&value, 4);
	struct ipcchan_xfer x = { .msgs = (unsigned long)&h, .count = 1 };

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_FILTER, &f) == 0);
	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 0);
	f.low_bytes = 8;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_FILTER, &f) == 0);
	CHECK(sys3(__NR_poll, (long)&p, 1, 0) == 1);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == 1 && h.type == 7 && value == 2);
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_RECV, &x) == -EAGAIN);
	f.min_prio = IPCCHAN_PRIO_MAX + 1;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_FILTER, &f) == -EINVAL);
}

/* The other side has one that answers each request with its value and 1. */
static void step_call(void)
{
	unsigned int value = 41, reply = 0;
	struct ipcchan_call c = {
		.timeout_ns = IPCCHAN_WAIT_FOREVER, .request = header(&value, 4),
		.reply = header(&reply, 4),
	};

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_CALL, &c) == 0);
	CHECK(reply == 42 && c.reply.len == 4 && c.reply.pid);
	c.timeout_ns = 10 * ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_CALL, &c) == 0);
	c.reply.buf += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_CALL, &c) == -EFAULT);
	c.request.buf += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_CALL, &c) == -EFAULT);
	c.reserved = 1;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_CALL, &c) == -EINVAL);
}

/* One call is answered, with its value and 1, the next fails with an error. */
static void step_serve(void)
{
	unsigned int value = 0;
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_NEXT, .timeout_ns = 10 * ABOVE_32,
		.request = header(&value, 4), .reply = header(&value, 4),
	};

	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SERVE, &s) == 1);
	CHECK(value == 7 && s.request.len == 4 && s.room == 4 && s.call);
	value++;
	s.flags = IPCCHAN_SERVE_REPLY | IPCCHAN_SERVE_NEXT;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SERVE, &s) == 1);
	CHECK(s.replied == 1 && value == 9);
	s.flags = IPCCHAN_SERVE_REPLY;
	s.error = EDOM;
	s.call += ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SERVE, &s) == -ENOENT && !s.replied);
	s.call -= ABOVE_32;
	CHECK(chan_ioctl(CHAN, IPCCHAN_IOC_SERVE, &s) == 0 && s.replied == 1);
}

static const struct {
	const char *name;
	void (*fn)(void);
} steps[] = {
	{ "query", step_query },
	{ "info", step_info },
	{ "attach", step_attach },
	{ "unlink", step_unlink },
	{ "messages", step_messages },
	{ "poll", step_poll },
	{ "send", step_send },
	{ "recv", step_recv },
	{ "loan", step_loan },
	{ "pool", step_pool },
	{ "filter", step_filter },
	{ "call", step_call },
	{ "serve", step_serve },
	{ "map", step_map },
	{ "bell-errors", step_bell_errors },
	{ "ears", step_ears },
	{ "bell-wait", step_bell_wait },
	{ "bell-wake", step_bell_wake },
	{ 0 }
};

/* @stack: where the kernel has put argc and, above it, argv. */
void start(const long *stack)
{
	const char *const *argv = (const char *const *)(stack + 1);
	unsigned int i;

	CHECK(stack[0] == 2);
	for (i = 0; steps[i].name; i++) {
		if (same(argv[1], steps[i].name, length(steps[i].name) + 1)) {
			steps[i].fn();
			leave(0);
		}
	}
	failed("# compat_peer: no such step\n");
}

asm(".globl _start\n"
	"_start:\n"
	"mov	%esp, %eax\n"
	"and	$-16, %esp\n"
	"sub	$12, %esp\n"
	"push	%eax\n"
	"call	start\n");
