// SPDX-License-Identifier: MIT
/*
 * A server of calls, until its client has left.  It replies in capitals, and refuses digits.
 *
 *	cc rpc_server.c -o rpc_server $(pkg-config --cflags --libs libipcchan) && ./rpc_server
 *
 * Prints:
 *	hello: HELLO
 *	route 66: Invalid argument
 */
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <ipcchan.h>

static ssize_t capitals(void *chan, uint64_t call, const struct ipcchan_msghdr *request,
			void *reply, size_t room)
{
	const unsigned char *from = ipcchan_msg_payload(chan, request);
	size_t i;

	(void)call;
	for (i = 0; i < request->len && i < room && !isdigit(from[i]); i++)
		((char *)reply)[i] = (char)toupper(from[i]);
	return i < request->len ? -EINVAL : (ssize_t)i;
}

static void ask(struct ipcchan *chan, const char *req)
{
	char out[100];
	ssize_t len = ipcchan_call(chan, req, strlen(req), out, sizeof(out), IPCCHAN_WAIT_FOREVER);

	printf("%s: %.*s\n", req, (int)len, len < 0 ? strerror((int)-len) : out);
}

int main(void)
{
	pid_t client = fork();
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_CREATE, .kind = IPCCHAN_KIND_RPC,
				     .role = client ? IPCCHAN_ROLE_RECV : IPCCHAN_ROLE_SEND,
				     .options = IPCCHAN_OPT_HANGUP };
	struct ipcchan *chan = NULL;
	int ret = client < 0 ? -errno : ipcchan_open(&chan, "capitals", &opts);

	if (!ret && client)
		ret = ipcchan_serve_loop(chan, capitals, chan, IPCCHAN_WAIT_FOREVER);
	if (!ret && client)
		ret = ipcchan_unlink("capitals");
	if (ret)
		errx(1, "capitals: %s", strerror(-ret));
	if (client)
		return 0;
	ask(chan, "hello");
	ask(chan, "route 66");
	return 0;
}
