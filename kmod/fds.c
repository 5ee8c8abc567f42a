// SPDX-License-Identifier: GPL-2.0
/* Descriptors that messages carry. */

#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <net/sock.h>
#include <linux/ipcchan.h>

#include "account.h"
#include "compat.h"
#include "device.h"
#include "fds.h"

/* Its type is not exported; the name of what it is mounted under is. */
static bool ipcchan_file_is_uring(const struct file *file)
{
	return file_inode(file)->i_sb->s_magic == ANON_INODE_FS_MAGIC &&
	       !strcmp(file->f_path.dentry->d_name.name, "[io_uring]");
}

/*
 * A file that can carry descriptors could carry, in the end, itself, and would need a
 * garbage collector.
 */
static bool ipcchan_file_carries(struct file *file)
{
	struct socket *sock = ipcchan_sock_from_file(file);

	return ipcchan_is_endpoint(file) || ipcchan_file_is_uring(file) ||
	       (sock && sock->sk && sock->sk->sk_family == PF_UNIX);
}

static void ipcchan_fds_free(struct ipcchan_fds *fds)
{
	while (fds->nr)
		fput(fds->files[--fds->nr]);
	kfree(fds);
}

static int ipcchan_fds_add(struct ipcchan_fds *fds, int fd)
{
	struct file *file = fget_raw(fd);

	if (!file)
		return -EBADF;
	fds->files[fds->nr++] = file;
	return ipcchan_file_carries(file) ? -EINVAL : 0;
}

static int ipcchan_fds_take(struct ipcchan_fds *fds, const s32 __user *from, u32 nr)
{
	u32 i;
	s32 fd;
	int err;

	for (i = 0; i < nr; i++) {
		if (get_user(fd, from + i))
			return -EFAULT;
		err = ipcchan_fds_add(fds, fd);
		if (err)
			return err;
	}
	return 0;
}

/**
 * ipcchan_fds_create() - take descriptors of the caller along
 * @from: their numbers
 * @nr: how many, 1 to IPCCHAN_FDS_MAX
 *
 * They stay open at the caller's.
 *
 * Context: process, may sleep.
 * Return: with one reference; ERR_PTR of -ENOMEM, -EFAULT, -EBADF, -EINVAL (one of a
 * file that carries descriptors itself), -EDQUOT.
 */
struct ipcchan_fds *ipcchan_fds_create(const s32 __user *from, u32 nr)
{
	struct ipcchan_account *account;
	struct ipcchan_cost cost = {};
	struct ipcchan_fds *fds;
	int err;

	fds = kzalloc(struct_size(fds, files, nr), GFP_KERNEL_ACCOUNT);
	if (!fds)
		return ERR_PTR(-ENOMEM);
	refcount_set(&fds->refs, 1);
	err = ipcchan_fds_take(fds, from, nr);
	if (err)
		goto free;
	cost.of[IPCCHAN_ITEM_FDS] = nr;
	account = ipcchan_account_charge(&cost);
	if (IS_ERR(account)) {
		err = PTR_ERR(account);
		goto free;
	}
	fds->account = account;
	return fds;
free:
	ipcchan_fds_free(fds);
	return ERR_PTR(err);
}

/**
 * ipcchan_fds_put() - a message does not carry them any more
 * @fds: closed with the last reference
 * Context: process, may sleep.
 */
void ipcchan_fds_put(struct ipcchan_fds *fds)
{
	struct ipcchan_cost cost = { .of[IPCCHAN_ITEM_FDS] = fds->nr };

	if (!refcount_dec_and_test(&fds->refs))
		return;
	ipcchan_account_uncharge(fds->account, &cost);
	ipcchan_fds_free(fds);
}

/* Has the caller room for so many?  Other threads may take it afterwards. */
static int ipcchan_fds_room(int *fd, u32 nr)
{
	int err = 0;
	u32 i;

	for (i = 0; i < nr; i++) {
		fd[i] = get_unused_fd_flags(O_CLOEXEC);
		if (fd[i] < 0) {
			err = fd[i];
			break;
		}
	}
	while (i)
		put_unused_fd(fd[--i]);
	return err;
}

/**
 * ipcchan_fds_install() - open them in the caller
 * @fds: descriptors of a message
 * @to: out, their numbers
 * @nr: so many of them, the first
 *
 * What can be known before is looked at before: to close again what was open for a
 * moment is no better than close(2), which takes POSIX locks along.
 *
 * Context: process, may sleep.
 * Return: 0; -EFAULT, -EMFILE, what a security module says, and none is open.
 */
int ipcchan_fds_install(const struct ipcchan_fds *fds, s32 __user *to, u32 nr)
{
	int fd[IPCCHAN_FDS_MAX];
	int err;
	u32 i;

	for (i = 0; i < nr; i++) {
		if (put_user(-1, to + i))
			return -EFAULT;
	}
	err = ipcchan_fds_room(fd, nr);
	if (err)
		return err;
	for (i = 0; i < nr; i++) {
		fd[i] = ipcchan_receive_fd(fds->files[i]);
		if (fd[i] < 0) {
			err = fd[i];
			goto undo;
		}
		if (put_user(fd[i], to + i)) {
			err = -EFAULT;
			i++;
			goto undo;
		}
	}
	return 0;
undo:
	while (i)
		close_fd(fd[--i]);
	return err;
}
