// SPDX-License-Identifier: GPL-2.0
#include "keeper.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fd.h"

static _Noreturn void keep(const struct keeper_kind *kind, size_t size, unsigned int nr,
			   int answer, int life)
{
	ssize_t bytes = (ssize_t)(nr * sizeof(int));
	int id[KEEPER_MOST];
	unsigned int i;
	char byte;

	/* What ends the benchmark does not end this one before. */
	setsid();
	for (i = 0; i < nr; i++) {
		id[i] = kind->make(size);
		if (id[i] < 0)
			id[i] = -errno;
	}
	if (write(answer, id, (size_t)bytes) == bytes)
		while (read(life, &byte, 1) < 0 && errno == EINTR)
			;
	for (i = 0; i < nr; i++)
		if (id[i] >= 0)
			kind->remove(id[i]);
	_exit(0);
}

int keeper_start(struct keeper *keeper, const struct keeper_kind *kind, size_t size, int *ids,
		 unsigned int nr)
{
	ssize_t bytes = (ssize_t)(nr * sizeof(int));
	int life[2], answer[2], err = 0;
	unsigned int i;

	if (pipe(life))
		return -errno;
	if (pipe(answer)) {
		err = -errno;
		close(life[0]);
		close(life[1]);
		return err;
	}
	keeper->pid = fork();
	if (keeper->pid < 0)
		err = -errno;
	if (!keeper->pid) {
		close(life[1]);
		keep(kind, size, nr, answer[1], life[0]);
	}
	close(life[0]);
	close(answer[1]);
	keeper->life = life[1];
	if (!err && read(answer[0], ids, (size_t)bytes) != bytes)
		err = -EIO;
	close(answer[0]);
	for (i = 0; !err && i < nr; i++)
		if (ids[i] < 0)
			err = ids[i];
	return err;
}

void keeper_leave(struct keeper *keeper)
{
	fd_close(&keeper->life);
}

void keeper_stop(struct keeper *keeper)
{
	fd_close(&keeper->life);
	if (keeper->pid > 0)
		while (waitpid(keeper->pid, NULL, 0) < 0 && errno == EINTR)
			;
	keeper->pid = 0;
}
