// SPDX-License-Identifier: GPL-2.0
#include "remote_addr.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "../cli.h"
#include "transports/fd.h"

const char *remote_addr(const char *text, bool listens, struct addrinfo **list)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM, .ai_flags = listens ? AI_PASSIVE : 0,
	};
	char host[NI_MAXHOST] = "127.0.0.1";
	const char *colon = strrchr(text, ':'), *port = colon ? colon + 1 : text;
	size_t len = colon ? (size_t)(colon - text) : 0;
	int err;

	if (!colon && !listens)
		return "give it as HOST:PORT";
	/* getaddrinfo() would take a larger one for what is left of it */
	if (!*port || strspn(port, "0123456789") != strlen(port) ||
	    strtoul(port, NULL, 10) > UINT16_MAX)
		return "the port is a number up to 65535";
	if (len > 1 && text[0] == '[' && colon[-1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host) || (colon && !len))
		return "there is no such host";
	if (colon) {
		memcpy(host, text, len);
		host[len] = '\0';
	}
	err = getaddrinfo(host, port, &hints, list);
	return err ? gai_strerror(err) : NULL;
}

int remote_addr_listen(const char *where, const char *verb)
{
	struct addrinfo *list;
	const char *wrong = remote_addr(where, true, &list);
	int fd, on = 1, err;

	if (wrong) {
		cli_error(verb, "--listen %s: %s", where, wrong);
		return -1;
	}
	fd = socket(list->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	      bind(fd, list->ai_addr, list->ai_addrlen) || listen(fd, SOMAXCONN);
	freeaddrinfo(list);
	if (!err)
		return fd;
	cli_error(verb, "--listen %s: %s", where, strerror(errno));
	fd_close(&fd);
	return -1;
}

void remote_addr_name(int fd, char name[REMOTE_NAME_SIZE])
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&addr, &len) ||
	    getnameinfo((struct sockaddr *)&addr, len, host, sizeof(host), port, sizeof(port),
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(name, REMOTE_NAME_SIZE, "?");
	else
		snprintf(name, REMOTE_NAME_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host,
			 port);
}
