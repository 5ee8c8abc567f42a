// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uring.h"

/* What the headers of 5.10 do not have. */
#define OP_URING_CMD	46
#define SQE_CMD_OFFSET	48

#define ENTRIES	8

static void *map_ring(int fd, size_t size, uint64_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd,
		    offset);
}

int uring_open(struct uring *ring)
{
	struct io_uring_params p = { 0 };
	char *rings;

	ring->fd = syscall(SYS_io_uring_setup, ENTRIES, &p);
	if (ring->fd < 0)
		return -errno;
	/* Since 5.4 both rings are one mapping; it ends with the process. */
	rings = map_ring(ring->fd, p.cq_off.cqes + p.cq_entries * sizeof(*ring->cqes) +
				   p.sq_entries * sizeof(uint32_t), IORING_OFF_SQ_RING);
	ring->sqes = map_ring(ring->fd, p.sq_entries * sizeof(*ring->sqes), IORING_OFF_SQES);
	if (rings == MAP_FAILED || ring->sqes == MAP_FAILED)
		return -errno;
	ring->sq_tail = (uint32_t *)(rings + p.sq_off.tail);
	ring->sq_array = (uint32_t *)(rings + p.sq_off.array);
	ring->cq_head = (uint32_t *)(rings + p.cq_off.head);
	ring->cq_tail = (uint32_t *)(rings + p.cq_off.tail);
	ring->cqes = (struct io_uring_cqe *)(rings + p.cq_off.cqes);
	ring->mask = p.cq_entries - 1;
	return 0;
}

void uring_close(struct uring *ring)
{
	close(ring->fd);
}

static int enter(struct uring *ring, unsigned int submit, unsigned int wait)
{
	int ret = syscall(SYS_io_uring_enter, ring->fd, submit, wait,
			  wait ? IORING_ENTER_GETEVENTS : 0, NULL, 0);

	return ret < 0 ? -errno : ret;
}

int uring_submit(struct uring *ring, const struct io_uring_sqe *sqe)
{
	uint32_t tail = *ring->sq_tail;
	uint32_t at = tail % ENTRIES;
	int ret;

	ring->sqes[at] = *sqe;
	ring->sq_array[at] = at;
	__atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
	ret = enter(ring, 1, 0);
	return ret < 0 ? ret : ret == 1 ? 0 : -EAGAIN;
}

struct io_uring_sqe uring_cmd(int fd, uint32_t cmd, const void *arg)
{
	struct io_uring_sqe sqe = { .opcode = OP_URING_CMD, .fd = fd, .off = cmd };
	uint64_t area = (uintptr_t)arg;

	memcpy((char *)&sqe + SQE_CMD_OFFSET, &area, sizeof(area));
	return sqe;
}

int uring_done(struct uring *ring, struct io_uring_cqe *cqe)
{
	uint32_t head = *ring->cq_head;

	if (__atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) == head)
		return 0;
	*cqe = ring->cqes[head & ring->mask];
	__atomic_store_n(ring->cq_head, head + 1, __ATOMIC_RELEASE);
	return 1;
}

int uring_wait(struct uring *ring, struct io_uring_cqe *cqe)
{
	int ret;

	while (!uring_done(ring, cqe)) {
		ret = enter(ring, 0, 1);
		if (ret < 0 && ret != -EINTR)
			return ret;
	}
	return 0;
}
