/* SPDX-License-Identifier: GPL-2.0 */
/* Requests of the generic netlink family. */
#ifndef FUZZ_NET_H
#define FUZZ_NET_H

#include "exec.h"

/** net_init() - a socket to the family, in the present network namespace; 0 or -errno */
int net_init(void);

/** net_clear() - no attribute is left of the last program, and no answer */
void net_clear(void);

/** net_attr() - append an attribute to the request */
long net_attr(struct thread *t, const struct op *op, const uint64_t *a);

/** net_nest() - an attribute of those that were appended so far, from the n-th on */
long net_nest(struct thread *t, const struct op *op, const uint64_t *a);

/** net_send() - send the request, and take what is answered */
long net_send(struct thread *t, const struct op *op, const uint64_t *a);

/** net_join() - hear of what is sent to a group, or no more */
long net_join(struct thread *t, const struct op *op, const uint64_t *a);

#endif /* FUZZ_NET_H */
