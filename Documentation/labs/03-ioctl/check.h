/* SPDX-License-Identifier: GPL-2.0 */
/* What the two programs of lab 3 hand to each other. */
#ifndef CHECK_H
#define CHECK_H

/* Takes more than 32 bits. */
#define CHECK_VALUE	(-5000000001LL)
#define CHECK_NAME	"a name of both"

#endif /* CHECK_H */
