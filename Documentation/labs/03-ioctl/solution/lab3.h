/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Lab 3: the interface of /dev/lab3, a table of LAB3_SLOTS slots that hold a value and a name.
 * Programs and the module include it; both may be of 32 or of 64 bits.
 */
#ifndef LAB3_H
#define LAB3_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define LAB3_SLOTS	16
#define LAB3_NAME_MAX	31	/* bytes of a name */

/* A flag of LAB3_PUT: fail with EEXIST where there is a value already. */
#define LAB3_F_NEW	0x1

/*
 * The same for programs of 32 and of 64 bits: no type depends on that, each field is aligned to
 * its size, and so is the whole.
 */
struct lab3_slot {
	__u32 index;		/* below LAB3_SLOTS */
	__u32 flags;
	__u64 name;		/* PUT: the name, GET: where it goes */
	__s64 value;
	__u32 name_len;		/* PUT: of the name; GET: the room for it, then its length */
	__u32 reserved;		/* 0 */
};

#define LAB3_IOC	0xf3

#define LAB3_PUT	_IOW(LAB3_IOC, 16, struct lab3_slot)
#define LAB3_GET	_IOWR(LAB3_IOC, 17, struct lab3_slot)

#endif /* LAB3_H */
