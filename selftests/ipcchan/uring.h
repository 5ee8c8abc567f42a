/* SPDX-License-Identifier: GPL-2.0 */
/* io_uring for the selftests: a few requests at a time. */
#ifndef IPCCHAN_SELFTEST_URING_H
#define IPCCHAN_SELFTEST_URING_H

#include <stdint.h>

#include <linux/io_uring.h>

/**
 * struct uring - a ring
 * @fd: of it
 * @sq_tail: and the others, where the kernel has them
 */
struct uring {
	int fd;
	uint32_t *sq_tail;
	uint32_t *sq_array;
	uint32_t *cq_head;
	uint32_t *cq_tail;
	uint32_t mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

/** uring_open() - a new ring; -ENOSYS or -EPERM where there is no io_uring to be had */
int uring_open(struct uring *ring);

/** uring_close() - let go of it */
void uring_close(struct uring *ring);

/**
 * uring_submit() - submit a request
 * @sqe: its user_data is what uring_wait() gets back
 *
 * Return: 0 or -errno.  What can be completed at once is.
 */
int uring_submit(struct uring *ring, const struct io_uring_sqe *sqe);

/**
 * uring_cmd() - what IORING_OP_URING_CMD is asked to do
 * @fd: of a channel
 * @cmd: IPCCHAN_IOC_SEND or _RECV
 * @arg: as the ioctl's
 *
 * Return: for uring_submit().
 */
struct io_uring_sqe uring_cmd(int fd, uint32_t cmd, const void *arg);

/**
 * uring_done() - whether a request is completed
 * @cqe: out, its outcome, which is taken off
 */
int uring_done(struct uring *ring, struct io_uring_cqe *cqe);

/**
 * uring_wait() - wait for a completion
 * @cqe: out, likewise
 *
 * Return: 0 or -errno.
 */
int uring_wait(struct uring *ring, struct io_uring_cqe *cqe);

#endif /* IPCCHAN_SELFTEST_URING_H */
