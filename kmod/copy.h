/* SPDX-License-Identifier: GPL-2.0 */
/* Payloads from and to user space. */
#ifndef _IPCCHAN_COPY_H
#define _IPCCHAN_COPY_H

#include <linux/uaccess.h>
#include <linux/uio.h>

/* Up to here moving words beats the start-up of the string instructions. */
#define IPCCHAN_COPY_WORDS	192

/**
 * struct ipcchan_user - where a payload comes from or goes to
 * @buf: address, unless there is @iter
 * @iter: a vector, or NULL
 * @len: bytes to send, or of room
 *
 * read() and write(), which have no vector to walk, save a tenth of a small
 * message's way.
 */
struct ipcchan_user {
	char __user *buf;
	struct iov_iter *iter;
	size_t len;
};

static __always_inline bool ipcchan_copy_words_in(u8 *to, const char __user *from,
						  size_t len)
{
	if (unlikely(!user_read_access_begin(from, len)))
		return false;
	for (; len >= sizeof(long); len -= sizeof(long)) {
		unsafe_get_user(*(unsigned long *)to,
				(const unsigned long __user *)from, fault);
		to += sizeof(long);
		from += sizeof(long);
	}
	for (; len; len--)
		unsafe_get_user(*to++, (const u8 __user *)from++, fault);
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

static __always_inline bool ipcchan_copy_words_out(char __user *to, const u8 *from,
						   size_t len)
{
	if (unlikely(!user_write_access_begin(to, len)))
		return false;
	for (; len >= sizeof(long); len -= sizeof(long)) {
		unsafe_put_user(*(const unsigned long *)from,
				(unsigned long __user *)to, fault);
		to += sizeof(long);
		from += sizeof(long);
	}
	for (; len; len--)
		unsafe_put_user(*from++, (u8 __user *)to++, fault);
	user_write_access_end();
	return true;
fault:
	user_write_access_end();
	return false;
}

/*
 * A payload was allocated for its length: the search for the object and its
 * bounds that copy_from_user() and copy_from_iter() add is worth another eighth.
 */
static __always_inline bool ipcchan_copy_in(u8 *to, const struct ipcchan_user *u)
{
	if (u->iter)
		return _copy_from_iter(to, u->len, u->iter) == u->len;
	if (likely(u->len <= IPCCHAN_COPY_WORDS))
		return ipcchan_copy_words_in(to, u->buf, u->len);
	return !_copy_from_user(to, u->buf, u->len);
}

static __always_inline bool ipcchan_copy_out(const struct ipcchan_user *u,
					     const u8 *from, size_t len)
{
	if (u->iter)
		return _copy_to_iter(from, len, u->iter) == len;
	if (likely(len <= IPCCHAN_COPY_WORDS))
		return ipcchan_copy_words_out(u->buf, from, len);
	return !_copy_to_user(u->buf, from, len);
}

#endif /* _IPCCHAN_COPY_H */
