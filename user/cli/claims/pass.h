/* SPDX-License-Identifier: GPL-2.0 */
/* Descriptors that are passed to another process, which need not be related. */
#ifndef CLAIMS_PASS_H
#define CLAIMS_PASS_H

#include <sys/socket.h>
#include <sys/un.h>

/**
 * struct pass_name - of a socket that listens, as the kernel has chosen it
 */
struct pass_name {
	struct sockaddr_un addr;
	socklen_t size;
};

/** pass_listen() - a socket that others may come to by its name; negative errno */
int pass_listen(struct pass_name *name);

/** pass_dial() - come to it; returns a socket, or a negative errno */
int pass_dial(const struct pass_name *name);

/** pass_send() - pass a descriptor; 0 or a negative errno */
int pass_send(int socket, int fd);

/** pass_recv() - get it; negative errno */
int pass_recv(int socket);

#endif /* CLAIMS_PASS_H */
