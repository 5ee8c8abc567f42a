// SPDX-License-Identifier: GPL-2.0
#include "fd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGN	64

size_t fd_room(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

void *fd_buffer(size_t size)
{
	size_t room = fd_room(size);
	void *buf = aligned_alloc(ALIGN, room);

	if (buf)
		memset(buf, 0xff, room);
	return buf;
}

void *fd_memory(size_t size)
{
	int fd = memfd_create("ipcchan-bench", MFD_CLOEXEC), err;
	void *mem = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (!ftruncate(fd, (off_t)size))
		mem = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_POPULATE, fd, 0);
	err = errno;
	close(fd);
	errno = err;
	return mem == MAP_FAILED ? NULL : mem;
}

size_t fd_slots(struct link *link)
{
	size_t slots = 2;

	while (slots * link->size < link->depth)
		slots *= 2;
	link->depth = slots * link->size;
	return slots;
}

int fd_attach(struct link *link, int tx, int rx)
{
	link->tx_fd = tx;
	link->rx_fd = rx;
	link->tx_buf = fd_buffer(link->size);
	link->rx_buf = fd_buffer(link->size);
	if (!link->tx_buf || !link->rx_buf)
		return link_refuse(link, -ENOMEM, "no memory for a message");
	return 0;
}

int fd_begin(struct link *link, void **msg)
{
	*msg = link->tx_buf;
	return 0;
}

int fd_done(struct link *link)
{
	(void)link;
	return 0;
}

void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int link_refuse(struct link *link, int err, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(link->why, sizeof(link->why), format, args);
	va_end(args);
	return err;
}
