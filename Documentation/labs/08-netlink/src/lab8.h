/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/* Lab 8: the generic netlink family "lab8", which keeps notes. */
#ifndef LAB8_H
#define LAB8_H

#define LAB8_FAMILY	"lab8"
#define LAB8_VERSION	1
#define LAB8_GROUP	"changes"	/* of multicast: a LAB8_CMD_SET of each change */

#define LAB8_NOTES	256		/* their numbers are 1 to this */
#define LAB8_TEXT_MAX	63		/* bytes, without the NUL */

enum {
	LAB8_CMD_UNSPEC,
	LAB8_CMD_SET,	/* a note's text: ID, TEXT; with an empty one the note is gone */
	LAB8_CMD_GET,	/* one note: ID; or all of them, with NLM_F_DUMP */
};

enum {
	LAB8_A_UNSPEC,
	LAB8_A_ID,	/* u32 */
	LAB8_A_TEXT,	/* string */
	__LAB8_A_MAX,
};

#define LAB8_A_MAX	(__LAB8_A_MAX - 1)

#endif /* LAB8_H */
