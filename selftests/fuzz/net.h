/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of the generic netlink family. */
#ifndef FUZZ_NET_H
#define FUZZ_NET_H

#include "exec.h"

/* The user that one of the sockets is of */
#define SOMEBODY	1000

/* What an attribute's value is; forms that follow are of other lengths */
enum form { FORM_NAME, FORM_NAME_CUT, FORM_U32, FORM_U64 };

/** net_init() - the sockets to the family; 0 or -errno */
int net_init(void);

/** net_clear() - no attribute is left of the last program, which may have joined, and no answer */
void net_clear(bool joined);

/** net_attr() - append an attribute to the request */
long net_attr(struct thread *t, const struct op *op, const uint64_t *a);

/** net_attr_id() - append an attribute whose value is the id of a descriptor's channel */
long net_attr_id(struct thread *t, const struct op *op, const uint64_t *a);

/** net_nest() - an attribute of those that were appended so far, from the n-th on */
long net_nest(struct thread *t, const struct op *op, const uint64_t *a);

/** net_send() - send the request, and take what is answered, or leave it */
long net_send(struct thread *t, const struct op *op, const uint64_t *a);

/** net_recv() - take one answer, such as a part of a dump */
long net_recv(struct thread *t, const struct op *op, const uint64_t *a);

/** net_join() - hear of what is sent to a group, or no more */
long net_join(struct thread *t, const struct op *op, const uint64_t *a);

#endif /* FUZZ_NET_H */
