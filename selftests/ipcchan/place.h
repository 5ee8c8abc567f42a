/* SPDX-License-Identifier: GPL-2.0 */
/* Blocks of buffers and pools for the selftests: what is in util.h, for them. */
#ifndef IPCCHAN_SELFTEST_PLACE_H
#define IPCCHAN_SELFTEST_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ipcchan.h>

/** loans_anon() - a new channel of this kind with @pages pages to lend, or -errno */
int loans_anon(uint32_t kind, uint32_t pages);

/** loan() - IPCCHAN_IOC_LOAN of one block; its offset or -errno */
int64_t loan(int fd, uint64_t len, uint32_t flags, int64_t timeout_ns);

/** loan_many() - of @count blocks */
int loan_many(int fd, uint64_t len, uint64_t *offsets, uint32_t count, uint32_t flags);

/** give_back() - IPCCHAN_IOC_GIVE_BACK of one block: 1 or -errno */
int give_back(int fd, uint64_t offset);

/** send_block() - send a block; 1 or -errno, not waiting */
int send_block(int fd, uint64_t offset, uint32_t len);

/**
 * recv_place() - receive with IPCCHAN_XFER_PLACE, not waiting
 * @h: out; its buf and len are room for a copy
 *
 * Return: 1, 0 at the end, or -errno.
 */
int recv_place(int fd, struct ipcchan_msghdr *h);

/** recv_block() - receive what has to be a block; its offset or -errno, -EBADMSG */
int64_t recv_block(int fd);

/** pool() - IPCCHAN_IOC_POOL of @pages pages */
int pool(int fd, uint32_t pages, uint32_t full, uint32_t min_len);

/** map_pool() - the whole pool, or NULL */
const char *map_pool(int fd, uint32_t pages);

/** map_buf() - the whole buffer, readable and writable, or NULL */
char *map_buf(int fd, uint32_t pages);

/** is_ours() - can this byte of a buffer be read, and be written as what it is? */
bool is_ours(volatile char *byte);

/** write_for_ever() - change this byte of a buffer, whenever it can be written */
_Noreturn void write_for_ever(volatile char *byte);

/** page_size() - bytes */
uint32_t page_size(void);

#endif /* IPCCHAN_SELFTEST_PLACE_H */
