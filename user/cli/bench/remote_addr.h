/* SPDX-License-Identifier: GPL-2.0 */
#ifndef BENCH_REMOTE_ADDR_H
#define BENCH_REMOTE_ADDR_H

#include <netdb.h>
#include <stdbool.h>

#define REMOTE_NAME_SIZE	(NI_MAXHOST + NI_MAXSERV + 4)

/**
 * remote_addr() - what HOST:PORT, [HOST]:PORT or PORT means
 * @listens: to be listened on: without HOST it is of the loopback interface
 * @list: out, to be given to freeaddrinfo()
 *
 * Return: NULL; else what is wrong.
 */
const char *remote_addr(const char *text, bool listens, struct addrinfo **list);

/**
 * remote_addr_listen() - a socket that listens there
 * @where: as for remote_addr()
 * @verb: argv[0] of the verb, for errors
 *
 * Return: it, which does not block; -1, with a message.
 */
int remote_addr_listen(const char *where, const char *verb);

/** remote_addr_name() - as ADDR:PORT, the own end of a socket */
void remote_addr_name(int fd, char name[REMOTE_NAME_SIZE]);

#endif /* BENCH_REMOTE_ADDR_H */
