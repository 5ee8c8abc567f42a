/* SPDX-License-Identifier: MIT */
/*
 * libipcchan: channels, shared buffers and doorbells.
 *
 * Every function that can fail returns a negative errno value; errno itself is
 * left as it was.  Lengths and sizes are bytes, times are nanoseconds.
 *
 * Every function may be called by several threads at once, on one struct ipcchan
 * too, but for ipcchan_close().  It may be used on both sides of a fork().
 *
 * The ring over shared memory is in <ipcchan/ring.h>.
 */
#ifndef IPCCHAN_H
#define IPCCHAN_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/ipcchan.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct ipcchan;

/**
 * struct ipcchan_opts - how to open a channel; all zero means: open an existing
 * one, to send and to receive
 * @flags: IPCCHAN_ATTACH_*
 * @role: IPCCHAN_ROLE_*, 0 for both
 * @kind: enum ipcchan_kind, of a channel to create, as are those below
 * @mode: permission bits, 0 for 0600
 * @max_msgs: messages queued at most, 0 for the default of the module
 * @max_msg_size: bytes of one message at most, 0 likewise
 * @max_bytes: bytes queued at most, 0 likewise
 * @buf_size: bytes of shared buffer, rounded up to pages, 0 for none
 * @fd: with IPCCHAN_ATTACH_FD, a descriptor attached to the wanted channel
 * @nonblock: send and receive return -EAGAIN where they would wait
 */
struct ipcchan_opts {
	uint32_t flags;
	uint32_t role;
	uint32_t kind;
	uint32_t mode;
	uint32_t max_msgs;
	uint32_t max_msg_size;
	uint64_t max_bytes;
	uint64_t buf_size;
	int fd;
	int nonblock;
};

/**
 * ipcchan_open() - open /dev/ipcchan and attach to a channel
 * @chan: out, to be given to ipcchan_close()
 * @name: of the channel, 1 to IPCCHAN_NAME_SIZE - 1 bytes without '/' and
 *	control characters; NULL with IPCCHAN_ATTACH_ANON and IPCCHAN_ATTACH_FD
 * @opts: NULL for the defaults
 *
 * Return: 0; -ENOENT, -ENXIO or -ENODEV (no /dev/ipcchan: the module is not loaded; or
 * -ENOENT: no such channel), or as struct ipcchan_attach says.
 */
int ipcchan_open(struct ipcchan **chan, const char *name,
		 const struct ipcchan_opts *opts);

/**
 * ipcchan_close() - unmap the buffer, close the descriptor, free
 * @chan: may be NULL; no other thread may be using it
 */
void ipcchan_close(struct ipcchan *chan);

/**
 * ipcchan_fd() - the descriptor, for poll() and epoll
 * @chan: stays its owner
 *
 * Return: the descriptor, good until ipcchan_close(); never an error.
 */
int ipcchan_fd(const struct ipcchan *chan);

/**
 * ipcchan_send() - send one message
 * @chan: attached with IPCCHAN_ROLE_SEND
 * @msg: what to send, copied
 * @len: bytes, 1 to the channel's max_msg_size
 *
 * Waits while the channel is full.
 *
 * Return: 0; -EAGAIN (full, non-blocking), -EMSGSIZE (longer than the channel
 * takes: see ipcchan_get_info()), -EINVAL (empty), -EBADF (role), -EINTR, -ENOMEM.
 */
int ipcchan_send(struct ipcchan *chan, const void *msg, size_t len);

/**
 * ipcchan_recv() - receive one message
 * @chan: attached with IPCCHAN_ROLE_RECV
 * @buf: out, the message
 * @size: bytes of room at @buf
 *
 * Waits while the channel is empty.
 *
 * Return: bytes received, at least 1; -EAGAIN (empty, non-blocking), -EMSGSIZE
 * (the message is longer than @size and stays: see ipcchan_next_len()), -EBADF
 * (role), -EINTR.
 */
ssize_t ipcchan_recv(struct ipcchan *chan, void *buf, size_t size);

/**
 * ipcchan_next_len() - length of the message that is next to be received
 * @chan: channel
 *
 * Return: bytes; 0 when none is queued; negative errno.  With several
 * receivers another one may take it first.
 */
ssize_t ipcchan_next_len(struct ipcchan *chan);

/**
 * ipcchan_get_info() - limits and state of the channel and this endpoint
 * @chan: channel
 * @info: out
 *
 * Return: 0; -EFAULT.
 */
int ipcchan_get_info(struct ipcchan *chan, struct ipcchan_info *info);

/**
 * ipcchan_query() - version, features and limits of the loaded module
 * @query: out
 *
 * Return: 0; -ENOENT, -ENXIO or -ENODEV (the module is not loaded), or as open()
 * of /dev/ipcchan says.
 */
int ipcchan_query(struct ipcchan_query *query);

/**
 * ipcchan_unlink() - remove a channel's name
 * @name: as for ipcchan_open()
 *
 * Return: 0; -ENOENT, -EPERM, -EINVAL, -ENAMETOOLONG, or as ipcchan_query().
 */
int ipcchan_unlink(const char *name);

/**
 * ipcchan_map() - map the whole shared buffer
 * @chan: channel
 * @addr: out, page-aligned; the mapping lives until ipcchan_close()
 * @size: out, bytes
 *
 * Writable with IPCCHAN_ROLE_SEND, else read-only.  A second call returns the
 * same mapping.
 *
 * Return: 0; -ENODEV (the channel has no buffer), -ENOMEM.
 */
int ipcchan_map(struct ipcchan *chan, void **addr, size_t *size);

/**
 * struct ipcchan_bell - what sleeps and wakes on a 32-bit word of shared memory
 * @fd: of the channel, which owns it; -1 for a futex
 * @base: first byte of the channel's buffer
 *
 * Either the doorbell of a channel's buffer or, over any other shared memory
 * such as a memfd, a futex.  Filled by ipcchan_bell_futex() or
 * ipcchan_bell_chan(); a plain value, may be copied.
 */
struct ipcchan_bell {
	int fd;
	const char *base;
};

/**
 * ipcchan_bell_futex() - a bell over any memory that the peers share
 *
 * Return: the bell; never an error.
 */
struct ipcchan_bell ipcchan_bell_futex(void);

/**
 * ipcchan_bell_chan() - a bell over the mapped buffer of a channel
 * @bell: out, valid until ipcchan_close()
 * @chan: channel
 *
 * Return: 0, or as ipcchan_map().
 */
int ipcchan_bell_chan(struct ipcchan_bell *bell, struct ipcchan *chan);

/**
 * ipcchan_bell_wait() - sleep while *word == expected
 * @bell: of the memory that @word is in
 * @word: 4-aligned, in the memory that the bell is for; the peers change it with
 *	atomic operations (plain uint32_t so that C++ can include this header)
 * @expected: sleep only while the word holds this value
 * @timeout_ns: nanoseconds, IPCCHAN_WAIT_FOREVER for none
 *
 * No wake-up is lost when the waker changes the word before it wakes.  May
 * return early; look at the word again.
 *
 * Return: 0; -EAGAIN (the word differs), -ETIMEDOUT, -EINTR, -EINVAL (@word is
 * unaligned or outside of the buffer, @timeout_ns is below
 * IPCCHAN_WAIT_FOREVER), -EBADF.
 */
int ipcchan_bell_wait(const struct ipcchan_bell *bell,
		      const uint32_t *word, uint32_t expected,
		      int64_t timeout_ns);

/**
 * ipcchan_bell_wake() - wake sleepers of a word
 * @bell: of the memory that @word is in
 * @word: as for ipcchan_bell_wait()
 * @count: wake at most so many, at least 1
 *
 * Return: number woken; -EINVAL (@word as above, @count is 0), -EBADF (no
 * IPCCHAN_ROLE_SEND).
 */
int ipcchan_bell_wake(const struct ipcchan_bell *bell,
		      const uint32_t *word, uint32_t count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif /* IPCCHAN_H */
