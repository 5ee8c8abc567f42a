/* SPDX-License-Identifier: GPL-2.0 */
/* All that differs between kernel versions; the rest is for the newest. */
#ifndef _IPCCHAN_COMPAT_H
#define _IPCCHAN_COMPAT_H

#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <linux/filelock.h>
#endif

/*
 * What pages that will be mapped cannot be allocated with.  Before 5.11 one that
 * is charged as the kernel's keeps that in the word where its mappings are counted.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define IPCCHAN_GFP_UNMAPPABLE	__GFP_ACCOUNT
#define nla_strscpy		nla_strlcpy
#define ipcchan_sock_from_file(file)	sock_from_file(file, &(int) { 0 })
#else
#define ipcchan_sock_from_file(file)	sock_from_file(file)
#define IPCCHAN_GFP_UNMAPPABLE	((gfp_t)0)
#endif

/* A constant of kernel/sched/sched.h; pipes pass it on to default_wake_function(), too. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 11, 0)
#define IPCCHAN_WF_SYNC		0x01
#else
#define IPCCHAN_WF_SYNC		0x10
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 17, 0)
#define ipcchan_unbound_wq	system_dfl_wq
#else
#define ipcchan_unbound_wq	system_unbound_wq
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 0, 0)
#define IPCCHAN_HAS_URING_CMD
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#include <linux/io_uring/cmd.h>
#else
#include <linux/io_uring.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define ipcchan_uring_area(ioucmd)	((const void *)(ioucmd)->sqe->cmd)
#else
#define ipcchan_uring_area(ioucmd)	((ioucmd)->cmd)
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define ipcchan_uring_done		io_uring_cmd_done
#else
#define ipcchan_uring_done(ioucmd, ret, issue_flags) \
	io_uring_cmd_done(ioucmd, ret, 0, issue_flags)
#endif
#endif

/* 5.10 keeps its hook for security modules to itself. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define ipcchan_receive_fd(file)	receive_fd(file, NULL, O_CLOEXEC)
#elif LINUX_VERSION_CODE >= KERNEL_VERSION(5, 15, 0)
#define ipcchan_receive_fd(file)	receive_fd(file, O_CLOEXEC)
#else
static inline int ipcchan_receive_fd(struct file *file)
{
	int fd = get_unused_fd_flags(O_CLOEXEC);

	if (fd >= 0)
		fd_install(fd, get_file(file));
	return fd;
}
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define ipcchan_eventfd_signal(ctx)	eventfd_signal(ctx)
#else
#define ipcchan_eventfd_signal(ctx)	eventfd_signal(ctx, 1)
#endif

/* The network core lacks it in between. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 18, 0) || LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#define IPCCHAN_HAS_EVENT_FILTER
#define IPCCHAN_EVENT_GROUP_FLAGS	0
#else
/* Who joins hears all. */
#define IPCCHAN_EVENT_GROUP_FLAGS	GENL_MCAST_CAP_NET_ADMIN
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define ipcchan_dump_attrs(cb)	(genl_info_dump(cb)->attrs)
#else
#define ipcchan_dump_attrs(cb)	(genl_dumpit_info(cb)->attrs)
#endif

#ifndef __uninitialized
#define __uninitialized
#endif

/* What the core does by itself before: later only within the size that a file has. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0) && defined(CONFIG_TRANSPARENT_HUGEPAGE)
#define IPCCHAN_HAS_HUGE_FAULT
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define ipcchan_splice_read	generic_file_splice_read
#else
#define ipcchan_splice_read	copy_splice_read
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
static inline void vm_flags_mod(struct vm_area_struct *vma,
				unsigned long set, unsigned long clear)
{
	vma->vm_flags = (vma->vm_flags | set) & ~clear;
}
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
static inline void file_set_fsnotify_mode(struct file *file, fmode_t mode)
{
	file->f_mode |= mode;
}
#endif

#endif /* _IPCCHAN_COMPAT_H */
