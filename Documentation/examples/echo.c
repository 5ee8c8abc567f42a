// SPDX-License-Identifier: MIT
/*
 * Echo: a server sends back what it receives, until its client has left.
 *
 *	cc echo.c -o echo $(pkg-config --cflags --libs libipcchan) && ./echo
 *
 * Prints:
 *	hello
 *	and goodbye
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <ipcchan.h>

static size_t check(const char *what, ssize_t ret)
{
	if (ret < 0)
		errx(1, "%s: %s", what, strerror((int)-ret));
	return (size_t)ret;
}

static struct ipcchan *join(const char *name, uint32_t role)
{
	struct ipcchan_opts opts = { .flags = IPCCHAN_ATTACH_CREATE, .role = role,
				     .options = IPCCHAN_OPT_HANGUP };
	struct ipcchan *chan;

	check(name, ipcchan_open(&chan, name, &opts));
	return chan;
}

int main(void)
{
	static const char * const words[] = { "hello", "and goodbye" };
	pid_t server = fork();
	struct ipcchan *in, *out;
	size_t i, len;
	char msg[100];

	if (server < 0)
		err(1, "fork");
	in = join(server ? "echo-back" : "echo-there", IPCCHAN_ROLE_RECV);
	out = join(server ? "echo-there" : "echo-back", IPCCHAN_ROLE_SEND);
	while (!server && (len = check("recv", ipcchan_recv(in, msg, sizeof(msg)))))
		check("send", ipcchan_send(out, msg, len));
	for (i = 0; server && i < 2; i++) {
		check("send", ipcchan_send(out, words[i], strlen(words[i])));
		len = check("recv", ipcchan_recv(in, msg, sizeof(msg)));
		printf("%.*s\n", (int)len, msg);
	}
	if (server) {
		check("echo-there", ipcchan_unlink("echo-there"));
		check("echo-back", ipcchan_unlink("echo-back"));
	}
	return 0;
}
