// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 6: /dev/lab6, a buffer that all open files share, to read, to write and to map.
 *
 * The device has a reference of its buffer, until LAB6_NEW gives it another; so has each call
 * that is at work in it, and each mapping.  The last one to let go frees it.
 */
#include <linux/fs.h>
#include <linux/kref.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uio.h>

#include "lab6.h"

#define LAB6_SIZE	(LAB6_PAGES * PAGE_SIZE)

struct lab6_buf {
	struct kref ref;
	struct page *pages[LAB6_PAGES];
};

/* For the two below */
static DEFINE_SPINLOCK(lab6_lock);
static struct lab6_buf *lab6_buf;
static unsigned int lab6_buffers;
module_param_named(buffers, lab6_buffers, uint, 0444);
MODULE_PARM_DESC(buffers, "how many there are, of the device and of mappings");

static void lab6_pages_free(struct lab6_buf *buf)
{
	int i;

	for (i = 0; i < LAB6_PAGES; i++) {
		if (buf->pages[i])
			__free_page(buf->pages[i]);
	}
	kfree(buf);
}

static struct lab6_buf *lab6_buf_create(void)
{
	struct lab6_buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	int i;

	if (!buf)
		return NULL;
	kref_init(&buf->ref);
	for (i = 0; i < LAB6_PAGES; i++) {
		buf->pages[i] = alloc_page(GFP_KERNEL | __GFP_ZERO);
		if (!buf->pages[i]) {
			lab6_pages_free(buf);
			return NULL;
		}
	}
	spin_lock(&lab6_lock);
	lab6_buffers++;
	spin_unlock(&lab6_lock);
	return buf;
}

static void lab6_buf_release(struct kref *ref)
{
	spin_lock(&lab6_lock);
	lab6_buffers--;
	spin_unlock(&lab6_lock);
	lab6_pages_free(container_of(ref, struct lab6_buf, ref));
}

/* The device's buffer, with a reference for the caller. */
static struct lab6_buf *lab6_buf_get(void)
{
	struct lab6_buf *buf;

	spin_lock(&lab6_lock);
	buf = lab6_buf;
	kref_get(&buf->ref);
	spin_unlock(&lab6_lock);
	return buf;
}

static void lab6_buf_put(struct lab6_buf *buf)
{
	kref_put(&buf->ref, lab6_buf_release);
}

/* Without a lock: who maps the buffer reads and writes it without one as well. */
static ssize_t lab6_copy(struct kiocb *iocb, struct iov_iter *iter,
			 size_t (*copy)(struct page *page, size_t offset, size_t bytes,
					struct iov_iter *iter))
{
	struct lab6_buf *buf = lab6_buf_get();
	ssize_t done = 0;

	while (iocb->ki_pos < LAB6_SIZE && iov_iter_count(iter)) {
		size_t offset = offset_in_page(iocb->ki_pos);
		size_t len = copy(buf->pages[iocb->ki_pos >> PAGE_SHIFT], offset,
				  min(PAGE_SIZE - offset, iov_iter_count(iter)), iter);

		if (!len) {
			done = done ?: -EFAULT;
			break;
		}
		iocb->ki_pos += len;
		done += len;
	}
	lab6_buf_put(buf);
	return done;
}

static ssize_t lab6_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	return lab6_copy(iocb, to, copy_page_to_iter);
}

static ssize_t lab6_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	if (iocb->ki_pos >= LAB6_SIZE)
		return -ENOSPC;
	return lab6_copy(iocb, from, copy_page_from_iter);
}

static loff_t lab6_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, LAB6_SIZE);
}

static long lab6_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct lab6_buf *buf;

	if (cmd != LAB6_NEW)
		return -ENOTTY;
	buf = lab6_buf_create();
	if (!buf)
		return -ENOMEM;
	spin_lock(&lab6_lock);
	swap(lab6_buf, buf);
	spin_unlock(&lab6_lock);
	lab6_buf_put(buf);
	return 0;
}

/* A copy of a mapping, by fork(), or a part of it that was cut off */
static void lab6_vm_open(struct vm_area_struct *vma)
{
	struct lab6_buf *buf = vma->vm_private_data;

	kref_get(&buf->ref);
}

static void lab6_vm_close(struct vm_area_struct *vma)
{
	lab6_buf_put(vma->vm_private_data);
}

static const struct vm_operations_struct lab6_vm_ops = {
	.open = lab6_vm_open,
	.close = lab6_vm_close,
};

static int lab6_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct lab6_buf *buf = lab6_buf_get();
	int err;

	/* It knows where the buffer ends. */
	err = vm_map_pages(vma, buf->pages, LAB6_PAGES);
	if (err) {
		lab6_buf_put(buf);
		return err;
	}
	vma->vm_private_data = buf;
	vma->vm_ops = &lab6_vm_ops;
	return 0;
}

static const struct file_operations lab6_fops = {
	.owner = THIS_MODULE,
	.read_iter = lab6_read_iter,
	.write_iter = lab6_write_iter,
	.llseek = lab6_llseek,
	.unlocked_ioctl = lab6_ioctl,
	.mmap = lab6_mmap,
};

static struct miscdevice lab6_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lab6",
	.fops = &lab6_fops,
	.mode = 0666,
};

static int __init lab6_init(void)
{
	int err;

	lab6_buf = lab6_buf_create();
	if (!lab6_buf)
		return -ENOMEM;
	err = misc_register(&lab6_device);
	if (err)
		lab6_buf_put(lab6_buf);
	return err;
}

static void __exit lab6_exit(void)
{
	misc_deregister(&lab6_device);
	lab6_buf_put(lab6_buf);
}

module_init(lab6_init);
module_exit(lab6_exit);
MODULE_DESCRIPTION("Lab 6");
MODULE_LICENSE("GPL");
