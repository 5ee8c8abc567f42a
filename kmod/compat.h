/* SPDX-License-Identifier: GPL-2.0 */
/* All that differs between kernel versions; the rest is for the newest. */
#ifndef _IPCCHAN_COMPAT_H
#define _IPCCHAN_COMPAT_H

#include <linux/mm.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_mod(struct vm_area_struct *vma,
				unsigned long set, unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#endif /* _IPCCHAN_COMPAT_H */
