/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies of what fits into a slot, to and from user space, in line.  The string
 * instruction of copy_from_user() takes longer to start than so few words take.
 */
#ifndef _IPCCHAN_WORDS_H
#define _IPCCHAN_WORDS_H

#include <linux/types.h>
#include <linux/uaccess.h>

/**
 * ipcchan_get_words() - copy from user space
 * @to: 8-aligned
 * @from: not trusted
 * @len: bytes, few
 * Context: process, may sleep.
 * Return: false after a fault.
 */
static __always_inline bool ipcchan_get_words(void *to, const void __user *from,
					      size_t len)
{
	const u64 __user *src = from;
	u64 *dst = to;
	size_t i;

	if (!user_read_access_begin(from, len))
		return false;
	/* A cache line at a time, then what is left of one. */
	for (; len >= 64; len -= 64, src += 8, dst += 8) {
		unsafe_get_user(dst[0], src, fault);
		unsafe_get_user(dst[1], src + 1, fault);
		unsafe_get_user(dst[2], src + 2, fault);
		unsafe_get_user(dst[3], src + 3, fault);
		unsafe_get_user(dst[4], src + 4, fault);
		unsafe_get_user(dst[5], src + 5, fault);
		unsafe_get_user(dst[6], src + 6, fault);
		unsafe_get_user(dst[7], src + 7, fault);
	}
	for (; len >= 8; len -= 8, src++, dst++)
		unsafe_get_user(*dst, src, fault);
	for (i = 0; i < len; i++)
		unsafe_get_user(((u8 *)dst)[i], (const u8 __user *)src + i, fault);
	user_read_access_end();
	return true;
fault:
	user_read_access_end();
	return false;
}

/*
 * Copy to user space; between user_write_access_begin() and _end(), and in line
 * therefore.  Return: false after a fault.
 */
static __always_inline bool ipcchan_unsafe_put_words(void __user *to, const void *from,
						     size_t len)
{
	u64 __user *dst = to;
	const u64 *src = from;
	size_t i;

	for (; len >= 64; len -= 64, src += 8, dst += 8) {
		unsafe_put_user(src[0], dst, fault);
		unsafe_put_user(src[1], dst + 1, fault);
		unsafe_put_user(src[2], dst + 2, fault);
		unsafe_put_user(src[3], dst + 3, fault);
		unsafe_put_user(src[4], dst + 4, fault);
		unsafe_put_user(src[5], dst + 5, fault);
		unsafe_put_user(src[6], dst + 6, fault);
		unsafe_put_user(src[7], dst + 7, fault);
	}
	for (; len >= 8; len -= 8, src++, dst++)
		unsafe_put_user(*src, dst, fault);
	for (i = 0; i < len; i++)
		unsafe_put_user(((const u8 *)src)[i], (u8 __user *)dst + i, fault);
	return true;
fault:
	return false;
}

/**
 * ipcchan_put_words() - copy to user space
 * @to: not trusted
 * @from: 8-aligned
 * @len: bytes, few
 * Context: process, may sleep.
 * Return: false after a fault.
 */
static __always_inline bool ipcchan_put_words(void __user *to, const void *from,
					      size_t len)
{
	bool done;

	if (!user_write_access_begin(to, len))
		return false;
	done = ipcchan_unsafe_put_words(to, from, len);
	user_write_access_end();
	return done;
}

#endif /* _IPCCHAN_WORDS_H */
