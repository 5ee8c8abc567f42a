/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program that includes this, in one file, has an mmap() of its own, for the library that
 * is linked to it, too: so that it can fail, or others come in between.
 */
#ifndef IPCCHAN_SELFTEST_MMAP_HOOK_H
#define IPCCHAN_SELFTEST_MMAP_HOOK_H

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Called once, instead of mmap(), for the next mapping of a file; NULL for none */
static void *(*mmap_hook)(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

static void *mmap_real(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, offset);
}

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	__typeof__(mmap_hook) hook = mmap_hook;

	if (!hook || fd < 0)
		return mmap_real(addr, len, prot, flags, fd, offset);
	mmap_hook = NULL;
	return hook(addr, len, prot, flags, fd, offset);
}

#endif /* IPCCHAN_SELFTEST_MMAP_HOOK_H */
