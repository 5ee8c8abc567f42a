/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * ipcchan: shared buffers of channels, and their doorbells.
 *
 *	IPCCHAN_IOC_WAIT	sleep on a word of the buffer
 *	IPCCHAN_IOC_WAKE	ring: wake those who do
 *	IPCCHAN_IOC_BELL_FD	have an eventfd signalled when a word is rung
 *	IPCCHAN_IOC_WATCH	have poll() on the endpoint look at a word
 *
 * Payloads that are not copied twice lie in blocks: whole pages in a row, of the channel's
 * buffer (IPCCHAN_OPT_LOANS), or of a receiver's pool.  The kernel knows who has each:
 *
 *	IPCCHAN_IOC_LOAN	take blocks of the buffer, to build messages in
 *	IPCCHAN_IOC_SEND	with IPCCHAN_MSG_PLACED: send such a block, which is the
 *				receiver's then; nothing is copied
 *	IPCCHAN_IOC_POOL	have messages copied, once, into a pool of this receiver
 *	IPCCHAN_IOC_RECV	with IPCCHAN_XFER_PLACE: receive blocks as they are
 *	IPCCHAN_IOC_GIVE_BACK	blocks that are not needed any more
 *
 * A block is known by the offset in the file at which it can be mapped.  Those of an
 * endpoint that is closed are free again.  Who receives in the common way gets a copy.
 * Whoever may send can write all of the channel's buffer, at any time: a receiver that
 * does not trust them copies before it checks, or has IPCCHAN_OPT_REVOKE.  Nobody can
 * write a pool.
 *
 * /proc/PID/fdinfo/FD of an endpoint has, in bytes, ipcchan-buf-used: of the channel's
 * buffer in blocks that are given out; ipcchan-buf-of: a line for each user who has some;
 * ipcchan-pool, -pool-used and -pool-of: likewise of its pool, if it has one.
 *
 * <linux/ipcchan.h> includes this, and has what is said of every structure there.
 */
#ifndef _UAPI_LINUX_IPCCHAN_BUF_H
#define _UAPI_LINUX_IPCCHAN_BUF_H

#include <linux/types.h>

/*
 * Of the shared buffer of a channel to create.
 *
 * HUGE: in huge pages (2 MiB on amd64), as far as they can be had at once and the
 * machine can map them; the rest in small ones.  It does not depend on what
 * /sys/kernel/mm/transparent_hugepage says.  A mapping has them as such from addresses
 * that are a multiple of buf_align (struct ipcchan_info), as the buffer's offset is
 * there; elsewhere, and on kernels from 6.12 to 6.15, it has the same bytes in small
 * pieces.
 *
 * NODE: all of it from one NUMA node, or ENOMEM; else by the caller's memory policy.
 */
#define IPCCHAN_BUF_HUGE	(1U << 0)
#define IPCCHAN_BUF_NODE	(1U << 1)

/*
 * A mapping of the shared buffer.
 *
 * mmap()	MAP_SHARED, of any whole pages within the buffer (EINVAL).  Writable with
 *		IPCCHAN_ROLE_SEND, else read-only for good (EACCES, also of mprotect()).
 *		MAP_PRIVATE to read only (EINVAL), and never more: it is the same memory.
 *		MAP_POPULATE and mlock() make all pages present; they never go out anyway.
 * close()	of the descriptor, end of its user, removal of the name: the mapping stays,
 *		and holds the endpoint, so the channel, until its last piece is unmapped.
 *		Pages that the kernel was given (O_DIRECT, vmsplice(), buffers of io_uring)
 *		stay beyond that, without the channel.
 * fork()	the child has it too, unless MADV_DONTFORK.  It is in no core dump, and
 *		MADV_DODUMP, MADV_WIPEONFORK are refused (EINVAL).
 * mremap()	moves it, or cuts off its end, and does not grow it (EFAULT).
 * madvise()	loses no data: MADV_DONTNEED, _COLD, _PAGEOUT take this mapping's pages out
 *		of it at most, to be found again when they are touched; MADV_FREE (EINVAL)
 *		and MADV_REMOVE are refused.  MADV_HUGEPAGE does nothing: see above.
 *
 * process_vm_readv(), ptrace() and /proc/PID/mem reach it as any other memory, and write
 * none of what is read-only for good.
 *
 * With IPCCHAN_OPT_REVOKE a writable mapping has the blocks of its endpoint only, each until
 * it is sent or given back, and elsewhere SIGBUS.  A page comes in when it is touched, and
 * some of its block behind it: MAP_POPULATE and mlock() make none present, and
 * MADV_POPULATE_* is refused, as are MADV_DONTNEED, _COLD and _PAGEOUT (EINVAL).  No page
 * can be pinned, so that nobody else reaches it, or finds it: neither process_vm_readv(),
 * ptrace() and /proc/PID/mem, nor O_DIRECT, vmsplice(), buffers of io_uring and futexes
 * that are shared (EFAULT, EIO).  read() and write() do.  A mapping without PROT_WRITE is
 * as any other, of all blocks, and stays without it (EACCES, of mprotect()).  The sender
 * pays by a fault for each 64 pages of a message that it builds, by unmapping them when it
 * is sent, and then by an interrupt of each other CPU that runs one of its threads.
 */

/*
 * fcntl() locks, F_SETLK and F_OFD_SETLK with what belongs to them: of the channel, at
 * offsets below 2^31 (EOVERFLOW), which need not exist, and for who has
 * IPCCHAN_ROLE_SEND (EBADF).  No other channel's endpoint meets them.  As of any file,
 * nodes of the device that are no links to each other have locks of their own.
 *
 * Errors, beside those of a file: ENOTCONN, ENODEV (the channel has no buffer).
 */

#define IPCCHAN_WAIT_FOREVER	(-1LL)

/**
 * struct ipcchan_wait - IPCCHAN_IOC_WAIT, sleep on a word of the shared buffer
 * @offset: of the 32-bit word in the buffer, bytes, a multiple of 4
 * @expected: sleep only while the word holds this value
 * @flags: zero
 * @timeout_ns: nanoseconds from now, CLOCK_MONOTONIC; IPCCHAN_WAIT_FOREVER
 *
 * The word is compared after the caller has been queued: a peer that changes
 * the word and then calls IPCCHAN_IOC_WAKE is never missed.  Returns 0 when
 * woken; the word must be looked at again.
 *
 * Errors: EAGAIN (the word differs), ETIMEDOUT, EINTR, EINVAL, ENOTCONN,
 * ENODEV (the channel has no buffer).
 */
struct ipcchan_wait {
	__u64 offset;
	__u32 expected;
	__u32 flags;
	__s64 timeout_ns;
};

/**
 * struct ipcchan_wake - IPCCHAN_IOC_WAKE, wake sleepers of a word
 * @offset: of the word, as for struct ipcchan_wait
 * @count: wake at most so many, at least 1
 * @flags: zero
 *
 * Needs IPCCHAN_ROLE_SEND (EBADF).  The ioctl returns the number woken.
 *
 * Errors: EINVAL, EBADF, ENOTCONN, ENODEV.
 */
struct ipcchan_wake {
	__u64 offset;
	__u32 count;
	__u32 flags;
};

#define IPCCHAN_BELL_FDS_MAX	64U	/* eventfds of one endpoint */

#define IPCCHAN_BELL_FD_REMOVE	(1U << 0)	/* signal it no more */

/**
 * struct ipcchan_bell_fd - IPCCHAN_IOC_BELL_FD, signal an eventfd when a word is rung
 * @offset: of the word, as for struct ipcchan_wait
 * @fd: an eventfd, which is kept until it is removed, or the endpoint is closed; with
 *	REMOVE any descriptor of the same one
 * @flags: IPCCHAN_BELL_FD_*
 * @reserved: zero
 *
 * Each IPCCHAN_IOC_WAKE for the word, from then on and whatever its count, adds 1 to
 * the eventfd, and does not count it as woken.  What was rung before is only seen in
 * the word: look at it afterwards.  Needs no role.
 *
 * Errors: EINVAL, EBADF (@fd; EINVAL where it is not an eventfd), EEXIST (it is
 * signalled for this word already), EBUSY (it is through another endpoint, with which
 * that ends), ENOENT (REMOVE: not through this one), ENOSPC (this endpoint has
 * IPCCHAN_BELL_FDS_MAX), EDQUOT, ENOMEM, ENOTCONN, ENODEV.
 */
struct ipcchan_bell_fd {
	__u64 offset;
	__s32 fd;
	__u32 flags;
	__u64 reserved;
};

#define IPCCHAN_WATCH_OFF	(1U << 0)	/* watch no word */

/**
 * struct ipcchan_watch - IPCCHAN_IOC_WATCH, have poll() look at a word
 * @offset: of the word, as for struct ipcchan_wait; zero with OFF
 * @expected: poll() says EPOLLPRI while the word differs from this; zero with OFF
 * @flags: IPCCHAN_WATCH_*
 *
 * One word an endpoint: another one takes its place.  All who poll for EPOLLPRI (for
 * which epoll has no EPOLLEXCLUSIVE) are woken by each IPCCHAN_IOC_WAKE for the word
 * that finds it different, whatever its count, and by this call where it is already.
 * The state is that of the word alone: it is level-triggered, a ring that has changed
 * nothing is not remembered, and who sets the word back to @expected needs no call to
 * watch on.  A peer that changes the word and then calls IPCCHAN_IOC_WAKE is never
 * missed; one that does not call it is seen by whoever happens to look.  With EPOLLET
 * each of these rings is an edge.  Needs no role.
 *
 * io_uring polls an endpoint with both roles, of a channel with a buffer, for at most two
 * of EPOLLIN, EPOLLOUT and EPOLLPRI at a time, and not where EPOLLERR and EPOLLHUP, which
 * are reported unasked, are both asked for (EINVAL).  Linux AIO (IOCB_CMD_POLL) waits for
 * nothing of an endpoint with both roles, or of a channel with a buffer (EINVAL).
 *
 * Errors: EINVAL, EDQUOT, ENOMEM, ENOTCONN, ENODEV.
 */
struct ipcchan_watch {
	__u64 offset;
	__u32 expected;
	__u32 flags;
};

/**
 * struct ipcchan_loan - IPCCHAN_IOC_LOAN, take blocks of the channel's buffer
 * @len: bytes of each, at least 1, rounded up to pages
 * @offsets: address of __u64, @count of them: out, where the blocks are
 * @count: 1 to IPCCHAN_BATCH_MAX
 * @flags: IPCCHAN_XFER_NONBLOCK, IPCCHAN_XFER_ABSTIME
 * @timeout_ns: as for struct ipcchan_xfer
 *
 * Waits until there is one, and takes as many as there are.  What is in a block is what
 * its last user has left there.  The ioctl returns the number of blocks.
 *
 * Who does not own the channel may have a block of up to half of the buffer, and beyond
 * that up to half of what the others leave: what it has taken, also what it has sent until
 * that is received, by all of a broadcast; and what it has received.  Of one user who
 * came first is served first.
 *
 * Errors: EINVAL, EFAULT, EBADF (role: needs SEND), ENOTCONN, EMSGSIZE (longer than the
 * buffer, or than this user may have), EAGAIN, ETIMEDOUT, EINTR, EDQUOT (not waiting, and
 * this user has its share), ENOMEM, EPIPE (no receiver is left), EOPNOTSUPP (without
 * IPCCHAN_OPT_LOANS).
 */
struct ipcchan_loan {
	__u64 len;
	__u64 offsets;
	__u32 count;
	__u32 flags;
	__s64 timeout_ns;
};

/**
 * struct ipcchan_give_back - IPCCHAN_IOC_GIVE_BACK, blocks that are not needed any more
 * @offsets: address of __u64, @count of them: where the blocks are
 * @count: 1 to IPCCHAN_BATCH_MAX
 * @flags: zero
 *
 * The ioctl returns how many were given back: where that is less than @count, a call
 * with the rest tells why.
 *
 * Errors: EINVAL, EFAULT, ENOTCONN, ENOENT (this endpoint has no such block).
 */
struct ipcchan_give_back {
	__u64 offsets;
	__u32 count;
	__u32 flags;
};

/**
 * enum ipcchan_pool_full - what happens to a message that a pool has no room for
 * @IPCCHAN_POOL_COPY: it is queued in the kernel's own memory, and copied once more
 * @IPCCHAN_POOL_BLOCK: its sender waits; one that it will never have room for is copied
 * @IPCCHAN_POOL_FAIL: it is refused with ENOBUFS
 */
enum ipcchan_pool_full {
	IPCCHAN_POOL_COPY = 0,
	IPCCHAN_POOL_BLOCK = 1,
	IPCCHAN_POOL_FAIL = 2,
};

/* Where a pool is mapped from, in the file of its endpoint */
#define IPCCHAN_POOL_OFFSET	(1ULL << 32)

/**
 * struct ipcchan_pool - IPCCHAN_IOC_POOL, have messages copied straight to this receiver
 * @size: bytes, rounded up to pages; counts as a shared buffer of this user
 * @full: enum ipcchan_pool_full
 * @min_len: messages of at least so many bytes go there
 * @reserved: zero
 *
 * For good, once an endpoint, one a channel, of IPCCHAN_KIND_QUEUE.  Other receivers of the
 * channel, and this one without IPCCHAN_XFER_PLACE, get their messages copied as ever.
 * Senders who are not the pool's owner are held to a share of it, as of the queue.
 *
 * Errors: EINVAL, EFAULT, EBADF (role: needs RECV), ENOTCONN, EBUSY (this endpoint or
 * another one of the channel has a pool), EDQUOT, ENOMEM, EINTR, EOPNOTSUPP (kind).
 */
struct ipcchan_pool {
	__u64 size;
	__u32 full;
	__u32 min_len;
	__u64 reserved;
};

#endif /* _UAPI_LINUX_IPCCHAN_BUF_H */
