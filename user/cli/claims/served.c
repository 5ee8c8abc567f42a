// SPDX-License-Identifier: GPL-2.0
/* Sockets: who serves, and who is served. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lab.h"
#include "nls.h"
#include "stranger.h"

#define CLIENTS		3

enum { SERVED_ERRNO, SERVED_CLIENTS, SERVED_SERVED, SERVED_AT_ONCE, SERVED_PAIR, SERVED_NEEDED };

static const char *const served_names[] = {
	[SERVED_ERRNO] = "connect_without_a_server_errno",
	[SERVED_CLIENTS] = "clients",
	[SERVED_SERVED] = "clients_served",
	[SERVED_AT_ONCE] = "clients_connected_at_once",
	[SERVED_PAIR] = "directions_of_a_pair_without_a_server",
	NULL,
};

/**
 * struct served - what the processes share to tell what they saw
 * @addr: of the server, on the loopback interface
 * @answers: that came to their client
 */
struct served {
	_Atomic uint32_t answers;
	struct claim_value v[SERVED_NEEDED];
	struct sockaddr_in addr;
};

/* Of any free port.  Return: a socket that is bound to it, and does not listen yet; errno */
static int bind_somewhere(struct served *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;
	socklen_t size = sizeof(s->addr);

	if (fd < 0)
		return -errno;
	s->addr = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	if (!bind(fd, (struct sockaddr *)&s->addr, size) &&
	    !getsockname(fd, (struct sockaddr *)&s->addr, &size))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static int dial(const struct served *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), err;

	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)&s->addr, sizeof(s->addr)))
		return fd;
	err = -errno;
	close(fd);
	return err;
}

/* Return: 0; negative errno of a network that leads nowhere, as one that is not up */
static int try_alone(struct served *s)
{
	int fd = dial(s);

	if (fd < 0 && fd != -ECONNREFUSED)
		return fd;
	value_set(&s->v[SERVED_ERRNO], fd < 0 ? -fd : 0);
	if (fd >= 0)
		close(fd);
	return 0;
}

static _Noreturn void be_client(struct served *s, char own)
{
	int fd = dial(s);
	char answer;

	if (fd < 0 || write(fd, &own, 1) != 1 || read(fd, &answer, 1) != 1)
		_exit(1);
	if (answer == own + 1)
		atomic_fetch_add(&s->answers, 1);
	_exit(0);
}

/* All are connected before the first is answered. */
static int serve(struct served *s, int listener)
{
	int fds[CLIENTS], i, err = 0;
	char request;

	for (i = 0; i < CLIENTS; i++) {
		fds[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fds[i] < 0)
			return -errno;
	}
	value_set(&s->v[SERVED_AT_ONCE], CLIENTS);
	for (i = 0; i < CLIENTS; i++) {
		if (read(fds[i], &request, 1) != 1)
			err = -EIO;
		request++;
		if (write(fds[i], &request, 1) != 1)
			err = -EIO;
		close(fds[i]);
	}
	return err;
}

static int try_clients(struct served *s, int listener)
{
	pid_t pids[CLIENTS];
	int i, err;

	if (listen(listener, CLIENTS))
		return -errno;
	for (i = 0; i < CLIENTS; i++) {
		pids[i] = kin_start();
		if (pids[i] < 0)
			return -errno;
		if (!pids[i])
			be_client(s, (char)i);
	}
	err = serve(s, listener);
	for (i = 0; i < CLIENTS; i++)
		if (kin_wait(pids[i]))
			err = -EIO;
	value_set(&s->v[SERVED_CLIENTS], CLIENTS);
	value_set(&s->v[SERVED_SERVED], atomic_load(&s->answers));
	return err;
}

/* Neither of them serves: both are as they were made. */
static int try_pair(struct served *s)
{
	unsigned int right = 0;
	int fds[2], i;
	char byte;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	for (i = 0; i < 2; i++)
		right += write(fds[i], "x", 1) == 1 && read(fds[!i], &byte, 1) == 1;
	value_set(&s->v[SERVED_PAIR], right);
	close(fds[0]);
	close(fds[1]);
	return 0;
}

static int served_run(void *arg, unsigned int index)
{
	struct served *s = arg;
	int fd = bind_somewhere(s), err;

	(void)index;
	if (fd < 0)
		return fd;
	err = try_alone(s);
	if (!err)
		err = try_clients(s, fd);
	close(fd);
	return err ? err : try_pair(s);
}

static int served_measure(struct lab *lab, struct claim_value *v)
{
	struct served *s = lab_memory(lab, sizeof(*s));
	int err;

	if (!s)
		return -ENOMEM;
	err = lab_run(lab, 1, served_run, s);
	memcpy(v, s->v, sizeof(s->v));
	munmap(s, sizeof(*s));
	return err;
}

static struct claim_judgement served_judge(const struct claim_value *v)
{
	if (v[SERVED_SERVED].value < v[SERVED_CLIENTS].value)
		return judged(CLAIM_FAILS, N_("not all clients were served"));
	if (v[SERVED_ERRNO].value != ECONNREFUSED)
		return judged(CLAIM_CONDITION, N_("clients are served, but one can connect "
						  "without a server, too"));
	if (v[SERVED_PAIR].value > 0)
		return judged(CLAIM_CONDITION, N_("who connects needs a server that listens; a "
						  "pair of sockets needs none, and no network"));
	return judged(CLAIM_HOLDS, NULL);
}

static void served_tell(const struct claim_value *v, struct claim_text *t)
{
	claim_say(t, _("Without a server that listens connect() gives %s (ECONNREFUSED is 111)."),
		  claim_errno(t, &v[SERVED_ERRNO]));
	claim_say(t, _("With one %s of %s clients were served, of which %s were connected at the "
		       "same time."), claim_number(t, &v[SERVED_SERVED]),
		  claim_number(t, &v[SERVED_CLIENTS]), claim_number(t, &v[SERVED_AT_ONCE]));
	claim_say(t, _("A pair of sockets carried messages in %s directions without a server."),
		  claim_number(t, &v[SERVED_PAIR]));
}

const struct claim claim_served = {
	.number = 20,
	.concept = N_("Socket"),
	.statement = N_("Communication over network sockets is in a client and server structure."),
	.done = N_("A client connects over TCP while nobody listens; then three clients connect "
		   "to a server at the same time. A pair of sockets is made without any server."),
	.names = served_names,
	.needed = SERVED_NEEDED,
	.measure = served_measure,
	.judge = served_judge,
	.tell = served_tell,
};
