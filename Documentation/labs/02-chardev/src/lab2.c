// SPDX-License-Identifier: GPL-2.0
/*
 * Lab 2: /dev/lab2, a pad of LAB2_SIZE bytes that everybody writes to and reads from.
 *
 * It behaves as a small file does: it has a length, which is 0 at first and grows with what is
 * written; each open file has its own position; a read at the end gives 0 bytes.
 */
#include <linux/module.h>

#define LAB2_SIZE	4096

/*
 * TODO 1: the pad: its bytes, its length, and the lock that both are under.  A copy from or to
 * user space may sleep; which kinds of locks may be held then?
 */

/*
 * TODO 2: read.  Copy to the caller what there is from *pos on, at most count bytes, move *pos,
 * and return how many.  0 at the end; -EFAULT if the caller's memory is not there.
 */

/*
 * TODO 3: write.  Copy from the caller as much as the pad has room for from *pos on, make the
 * pad longer if need be, move *pos, and return how many.  -ENOSPC if there is no room at all.
 * Where a write begins behind the end, what is in between reads as zeroes.  What was written
 * with O_APPEND goes to the end.  A write that fails changes nothing.
 */

/*
 * TODO 4: open with O_TRUNC and for writing empties the pad.
 */

/*
 * TODO 5: llseek, with SEEK_END from the pad's length on; fs/read_write.c has a function to call.
 */

/*
 * TODO 6: the struct file_operations, with an owner; and a struct miscdevice of the name "lab2"
 * and the mode 0666.
 */

static int __init lab2_init(void)
{
	/* TODO 7: misc_register() */
	return 0;
}

static void __exit lab2_exit(void)
{
	/* TODO 8: and undo it. */
}

module_init(lab2_init);
module_exit(lab2_exit);
MODULE_DESCRIPTION("Lab 2");
MODULE_LICENSE("GPL");
