// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rpc.h"
#include "util.h"

static struct ipcchan_msghdr hdr_u32(uint32_t *value)
{
	return (struct ipcchan_msghdr) { .buf = (uintptr_t)value, .len = sizeof(*value) };
}

static int64_t call(int fd, uint32_t value, uint32_t prio, uint32_t type,
		    int64_t timeout_ns)
{
	uint32_t reply = 0;
	struct ipcchan_call c = {
		.timeout_ns = timeout_ns, .request = hdr_u32(&value),
		.reply = hdr_u32(&reply),
	};
	int ret;

	c.request.prio = prio;
	c.request.type = type;
	ret = do_ioctl(fd, IPCCHAN_IOC_CALL, &c);
	if (ret)
		return ret < 0 ? ret : -EBADMSG;
	return c.reply.len == sizeof(reply) ? (int64_t)reply : -EBADMSG;
}

int64_t rpc_call(int fd, uint32_t value, int64_t timeout_ns)
{
	return call(fd, value, 0, 0, timeout_ns);
}

static int take(int fd, struct taken *t, struct ipcchan_serve *s)
{
	int ret;

	s->timeout_ns = IPCCHAN_WAIT_FOREVER;
	s->request = hdr_u32(&t->value);
	ret = do_ioctl(fd, IPCCHAN_IOC_SERVE, s);
	t->replied = s->replied;
	if (ret == 1) {
		t->call = s->call;
		t->room = s->room;
	}
	return ret;
}

int rpc_take(int fd, struct taken *t, uint32_t flags)
{
	struct ipcchan_serve s = { .flags = IPCCHAN_SERVE_NEXT | flags };

	return take(fd, t, &s);
}

int rpc_reply(int fd, uint64_t call, uint32_t value)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_REPLY, .call = call, .reply = hdr_u32(&value),
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
	};

	return do_ioctl(fd, IPCCHAN_IOC_SERVE, &s);
}

int rpc_error(int fd, uint64_t call, uint32_t error)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_REPLY, .call = call, .error = error,
	};

	return do_ioctl(fd, IPCCHAN_IOC_SERVE, &s);
}

int rpc_reply_take(int fd, struct taken *t, uint32_t value, uint32_t flags)
{
	struct ipcchan_serve s = {
		.flags = IPCCHAN_SERVE_REPLY | IPCCHAN_SERVE_NEXT | flags, .call = t->call,
		.reply = hdr_u32(&value),
	};

	return take(fd, t, &s);
}

static pid_t start(int fd, uint32_t value, uint32_t prio, uint32_t type)
{
	pid_t pid = child_fork();

	if (pid == 0) {
		int64_t v = call(fd, value, prio, type, IPCCHAN_WAIT_FOREVER);

		_exit(v < 0 ? CHILD_ERROR - v : v);
	}
	return wait_blocked(pid, SYS_ioctl) ? pid : -ETIMEDOUT;
}

pid_t start_call(int fd, uint32_t value, uint32_t prio)
{
	return start(fd, value, prio, 0);
}

pid_t start_typed_call(int fd, uint32_t value, uint32_t type)
{
	return start(fd, value, 0, type);
}

pid_t start_adder(int fd)
{
	pid_t pid = child_fork();
	struct taken t;
	int ret;

	if (pid)
		return pid;
	ret = rpc_take(fd, &t, 0);
	while (ret == 1) {
		ret = rpc_reply_take(fd, &t, t.value + 1, 0);
		/* Its client has given up. */
		if (ret == -ECANCELED)
			ret = rpc_take(fd, &t, 0);
	}
	_exit(ret ? -ret : 0);
}
