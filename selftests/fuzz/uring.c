// SPDX-License-Identifier: GPL-2.0
/* io_uring: a ring for each program that wants one, which ends with it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "abi.h"
#include "mem.h"
#include "ops.h"
#include "uring.h"
#include "witness.h"

#define ENTRIES	16

/*
 * Above those that a program comes to, whose closed ones would be the ring else: io_uring
 * of 6.1 tries without end to read from a ring, which has no such method.
 */
#define FD_RING	512

static struct {
	int fd;
	size_t size;
	char *rings;
	struct io_uring_sqe *sqes;
	uint32_t *sq_head, *sq_tail, *sq_array, *cq_head, *cq_tail;
} ring = { .fd = -1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *ring_map(size_t size, uint64_t offset)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, offset);
}

static int ring_open(void)
{
	struct io_uring_params p = { 0 };
	int fd = syscall(SYS_io_uring_setup, ENTRIES, &p);

	if (fd < 0)
		return -errno;
	ring.fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_RING);
	close(fd);
	if (ring.fd < 0)
		return -errno;
	ring.size = p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe) +
		    p.sq_entries * sizeof(uint32_t);
	ring.rings = ring_map(ring.size, IORING_OFF_SQ_RING);
	ring.sqes = ring_map(ENTRIES * sizeof(*ring.sqes), IORING_OFF_SQES);
	if (ring.rings == MAP_FAILED || ring.sqes == MAP_FAILED)
		return -ENOMEM;
	ring.sq_head = (uint32_t *)(ring.rings + p.sq_off.head);
	ring.sq_tail = (uint32_t *)(ring.rings + p.sq_off.tail);
	ring.sq_array = (uint32_t *)(ring.rings + p.sq_off.array);
	ring.cq_head = (uint32_t *)(ring.rings + p.cq_off.head);
	ring.cq_tail = (uint32_t *)(ring.rings + p.cq_off.tail);
	witness_begin(ring.fd);
	return 0;
}

void uring_clear(void)
{
	if (ring.fd < 0)
		return;
	if (ring.sqes && ring.sqes != MAP_FAILED)
		munmap(ring.sqes, ENTRIES * sizeof(*ring.sqes));
	if (ring.rings && ring.rings != MAP_FAILED)
		munmap(ring.rings, ring.size);
	close(ring.fd);
	memset(&ring, 0, sizeof(ring));
	ring.fd = -1;
	witness_end();
}

static bool ring_ready(void)
{
	return ring.fd >= 0 ? !!ring.cq_head : !ring_open();
}

static void sqe_fill(struct io_uring_sqe *sqe, struct thread *t, const uint64_t *a)
{
	static const uint8_t codes[] = {
		IORING_OP_URING_CMD, IORING_OP_READ, IORING_OP_WRITE, IORING_OP_READV,
		IORING_OP_WRITEV, IORING_OP_POLL_ADD, IORING_OP_POLL_REMOVE,
		IORING_OP_ASYNC_CANCEL, IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED,
		IORING_OP_CLOSE, IORING_OP_FSYNC,
	};
	uint64_t addr = (uintptr_t)mem_addr(t, a[2]);

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = codes[a[0] % sizeof(codes)];
	sqe->fd = slot_fd(a[1]);
	sqe->addr = addr;
	sqe->len = a[3];
	sqe->flags = a[4];
	sqe->user_data = a[6];
	switch (sqe->opcode) {
	case IORING_OP_URING_CMD:
		sqe->addr = 0;
		sqe->off = ops[a[5] % nr_ops].cmd;
		memcpy(sqe->cmd, &addr, sizeof(addr));
		break;
	case IORING_OP_POLL_ADD:
		sqe->addr = 0;
		sqe->poll32_events = a[5];
		break;
	case IORING_OP_POLL_REMOVE:
	case IORING_OP_ASYNC_CANCEL:
		sqe->addr = a[5] % 4;
		break;
	case IORING_OP_CLOSE:
		sqe->fd = -1;
		break;
	default:
		sqe->off = -1;
		break;
	}
}

/* code fd at len flags arg id wait */
long run_uring(struct thread *t, const struct op *op, const uint64_t *a)
{
	unsigned int submit = 0;
	int fd = -1;

	(void)op;
	pthread_mutex_lock(&lock);
	if (ring_ready()) {
		uint32_t tail = *ring.sq_tail;

		fd = ring.fd;
		__atomic_store_n(ring.cq_head, __atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE),
				 __ATOMIC_RELEASE);
		if (tail - __atomic_load_n(ring.sq_head, __ATOMIC_ACQUIRE) < ENTRIES) {
			sqe_fill(&ring.sqes[tail % ENTRIES], t, a);
			ring.sq_array[tail % ENTRIES] = tail % ENTRIES;
			__atomic_store_n(ring.sq_tail, tail + 1, __ATOMIC_RELEASE);
			submit = 1;
		}
	}
	pthread_mutex_unlock(&lock);
	return syscall(SYS_io_uring_enter, fd, submit, a[7] % 2,
		       a[7] % 2 ? IORING_ENTER_GETEVENTS : 0, NULL, 0);
}

/* at len: for IORING_OP_READ_FIXED and _WRITE_FIXED */
long run_uring_buffers(struct thread *t, const struct op *op, const uint64_t *a)
{
	struct iovec iov = { mem_addr(t, a[0]), a[1] };
	int fd = -1;

	(void)op;
	pthread_mutex_lock(&lock);
	if (ring_ready())
		fd = ring.fd;
	pthread_mutex_unlock(&lock);
	return syscall(SYS_io_uring_register, fd, IORING_REGISTER_BUFFERS, &iov, 1);
}
