/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Lab 6: the interface of /dev/lab6, a buffer of LAB6_PAGES pages that can be mapped. */
#ifndef LAB6_H
#define LAB6_H

#include <linux/ioctl.h>

#define LAB6_PAGES	4

/* Give the device a new buffer, of zeroes.  Who has mapped the old one keeps that. */
#define LAB6_NEW	_IO(0xf6, 16)

#endif /* LAB6_H */
