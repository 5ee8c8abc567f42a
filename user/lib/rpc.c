// SPDX-License-Identifier: MIT
/* Calls and replies. */
#include <stdlib.h>

#include "internal.h"

int ipcchan_call_msg(struct ipcchan *chan, struct ipcchan_call *call)
{
	return (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_CALL, call);
}

ssize_t ipcchan_call(struct ipcchan *chan, const void *request, size_t len,
		     void *reply, size_t size, int64_t timeout_ns)
{
	struct ipcchan_call call;
	int ret;

	call.flags = 0;
	call.reserved = 0;
	call.timeout_ns = timeout_ns;
	ipcchan_msg_init(&call.request, request, len);
	ipcchan_msg_init(&call.reply, reply, size);
	ret = ipcchan_call_msg(chan, &call);
	return ret < 0 ? ret : (ssize_t)call.reply.len;
}

int ipcchan_serve(struct ipcchan *chan, struct ipcchan_serve *serve)
{
	serve->replied = 0;
	return (int)ipcchan_ioctl(chan->fd, IPCCHAN_IOC_SERVE, serve);
}

int ipcchan_reply(struct ipcchan *chan, uint64_t call, const void *reply, size_t len)
{
	struct ipcchan_serve serve = { .flags = IPCCHAN_SERVE_REPLY, .call = call };

	ipcchan_msg_init(&serve.reply, reply, len);
	return ipcchan_serve(chan, &serve);
}

int ipcchan_reply_error(struct ipcchan *chan, uint64_t call, int error)
{
	struct ipcchan_serve serve = {
		.flags = IPCCHAN_SERVE_REPLY, .error = (uint32_t)error, .call = call,
	};

	/* the kernel would take 0 for no error, and wants a reply then */
	if (error <= 0)
		return -EINVAL;
	return ipcchan_serve(chan, &serve);
}

/* A server's state between two calls. */
struct loop {
	struct ipcchan *chan;
	char *request;
	char *reply;
	size_t size;		/* bytes at each */
	struct ipcchan_serve serve;
};

/* Let the handler's result be the reply of the next ipcchan_serve(). */
static void loop_prepare(struct loop *l, ssize_t len)
{
	struct ipcchan_serve *s = &l->serve;

	s->error = 0;
	if (!len) {
		s->flags &= ~IPCCHAN_SERVE_REPLY;
		return;
	}
	s->flags |= IPCCHAN_SERVE_REPLY;
	if (len > 0 && (size_t)len <= s->room)
		ipcchan_msg_init(&s->reply, l->reply, (size_t)len);
	else
		s->error = len < 0 && len >= -4095 ? (uint32_t)-len : EMSGSIZE;
}

/* Reply, if there is what to reply, and wait.  Return: as ipcchan_serve(). */
static int loop_next(struct loop *l)
{
	struct ipcchan_serve *s = &l->serve;
	int ret, given;

	do {
		ipcchan_msg_init(&s->request, l->request, l->size);
		ret = ipcchan_serve(l->chan, s);
		given = s->replied;
		/* a client that waits for a reply that cannot be given is told so */
		if (ret < 0 && s->flags & IPCCHAN_SERVE_REPLY && !given) {
			given = ipcchan_reply_error(l->chan, s->call, -ret);
			if (!given || given == -ECANCELED)
				ret = -ECANCELED;
		}
		s->flags &= ~IPCCHAN_SERVE_REPLY;
	} while (ret == -ECANCELED);
	return ret;
}

static int loop_run(struct loop *l, ipcchan_handler handler, void *arg)
{
	size_t room;
	int ret;

	for (;;) {
		ret = loop_next(l);
		if (ret <= 0)
			return ret;
		room = l->serve.room < l->size ? l->serve.room : l->size;
		loop_prepare(l, handler(arg, l->serve.call, &l->serve.request,
					l->reply, room));
	}
}

int ipcchan_serve_loop(struct ipcchan *chan, ipcchan_handler handler, void *arg,
		       int64_t timeout_ns)
{
	struct loop l = {
		.chan = chan,
		.serve = { .flags = IPCCHAN_SERVE_NEXT, .timeout_ns = timeout_ns },
	};
	struct ipcchan_info info;
	int ret, saved = errno;

	ret = ipcchan_get_info(chan, &info);
	if (ret)
		return ret;
	l.size = info.max_msg_size;
	l.request = malloc(l.size);
	l.reply = malloc(l.size);
	errno = saved;
	ret = l.request && l.reply ? loop_run(&l, handler, arg) : -ENOMEM;
	free(l.request);
	free(l.reply);
	return ret;
}
