// SPDX-License-Identifier: GPL-2.0
/*
 * One rpc channel.  Side 0 calls, side 1 serves: each sends and waits for what comes
 * next in one system call, so that what was sent is held back until then.
 */
#include <errno.h>
#include <stdlib.h>

#include "chan.h"
#include "fd.h"

#define CLIENT	0
#define SERVER	1

struct calls {
	struct ipcchan *end[SIDES];
	struct ipcchan_call call;	/* the client's */
	struct ipcchan_serve serve;	/* the server's */
	int side;
	bool held;
};

static void call_teardown(struct link *link)
{
	struct calls *c = link->priv;

	if (!c)
		return;
	ipcchan_close(c->end[CLIENT]);
	ipcchan_close(c->end[SERVER]);
	free(c);
	link->priv = NULL;
}

static int call_setup(struct link *link)
{
	struct ipcchan_opts client = {
		.role = IPCCHAN_ROLE_SEND, .kind = IPCCHAN_KIND_RPC,
	};
	const struct ipcchan_opts server = { .role = IPCCHAN_ROLE_RECV };
	struct calls *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return link_refuse(link, -ENOMEM, "no memory");
	link->priv = c;
	err = chan_limits(link, &client);
	if (!err)
		err = chan_open(link, &c->end[CLIENT], NULL, &client);
	if (!err)
		err = chan_open(link, &c->end[SERVER], c->end[CLIENT], &server);
	return err;
}

static int call_attach(struct link *link, int side)
{
	struct calls *c = link->priv;
	int fd = ipcchan_fd(c->end[side]), err = fd_attach(link, fd, fd);

	if (err)
		return err;
	c->side = side;
	c->call = (struct ipcchan_call){
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.request = { .buf = (uintptr_t)link->tx_buf, .len = (uint32_t)link->size },
		.reply.buf = (uintptr_t)link->rx_buf,
	};
	c->serve = (struct ipcchan_serve){
		.timeout_ns = IPCCHAN_WAIT_FOREVER,
		.reply = { .buf = (uintptr_t)link->tx_buf, .len = (uint32_t)link->size },
		.request.buf = (uintptr_t)link->rx_buf,
	};
	return 0;
}

static int call_send(struct link *link)
{
	struct calls *c = link->priv;

	c->held = true;
	return 0;
}

static ssize_t call(struct link *link, struct calls *c)
{
	if (!c->held)
		return -EPROTO;
	c->held = false;
	c->call.reply.len = (uint32_t)link->size;
	c->call.reply.flags = 0;
	if (ioctl(link->tx_fd, IPCCHAN_IOC_CALL, &c->call))
		return -errno;
	return (ssize_t)c->call.reply.len;
}

/* @next: IPCCHAN_SERVE_NEXT or 0.  Return: 1 with a request, 0, negative errno */
static int serve(struct link *link, struct calls *c, uint32_t next)
{
	int n;

	do {
		c->serve.flags = next | (c->held ? IPCCHAN_SERVE_REPLY : 0);
		c->serve.replied = 0;
		c->serve.request.len = (uint32_t)link->size;
		c->serve.request.flags = 0;
		n = ioctl(link->rx_fd, IPCCHAN_IOC_SERVE, &c->serve);
		if (n >= 0 || c->serve.replied)
			c->held = false;
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static ssize_t call_recv(struct link *link, const void **msg)
{
	struct calls *c = link->priv;
	int n;

	*msg = link->rx_buf;
	if (c->side == CLIENT)
		return call(link, c);
	n = serve(link, c, IPCCHAN_SERVE_NEXT);
	if (n <= 0)
		return n ? n : -EPIPE;
	return (ssize_t)c->serve.request.len;
}

static int call_flush(struct link *link)
{
	struct calls *c = link->priv;

	return c->side == SERVER && c->held ? serve(link, c, 0) : 0;
}

#define CALL_OPS						\
	.workloads = 1u << WORKLOAD_PINGPONG,			\
	.max_size = UINT32_MAX,					\
	.copies = COPIES(2),						\
	.setup = call_setup,					\
	.attach = call_attach,					\
	.begin = fd_begin,					\
	.send = call_send,					\
	.recv = call_recv,					\
	.done = fd_done,					\
	.flush = call_flush,					\
	.teardown = call_teardown

const struct transport transport_ipcchan_call = {
	.name = "ipcchan-call",
	.about = "ipcchan rpc channel, CALL and SERVE: a system call a side a round trip",
	.wait = WAIT_BLOCK,
	.waits = WAITS_SLEEP,
	CALL_OPS,
};
