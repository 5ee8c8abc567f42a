/* SPDX-License-Identifier: GPL-2.0 */
/* What the operations of the table do; their arguments are in the order of the table. */
#ifndef FUZZ_OPS_H
#define FUZZ_OPS_H

#include "exec.h"

typedef long op_run(struct thread *t, const struct op *op, const uint64_t *a);

/* Structures and arrays of them, by the fields of their arguments */
op_run run_ioctl, run_any_ioctl, run_store, run_store_fd;

/* Descriptors */
op_run run_open, run_crowd, run_dup, run_close, run_pipe, run_eventfd, run_memfd;
op_run run_socketpair, run_send_fd, run_recv_fd, run_eventfd_write;

/* Messages as bytes, and what else files do */
op_run run_read, run_write, run_readv, run_writev, run_poll, run_epoll_create, run_epoll_ctl;
op_run run_epoll_wait, run_lock, run_setfl, run_setown, run_setsig, run_splice, run_vmsplice;
op_run run_sendfile, run_fdinfo, run_state;

/* Mappings */
op_run run_mmap, run_munmap, run_mremap, run_madvise, run_mprotect, run_mlock;
op_run run_poke, run_fill, run_look, run_vm_write, run_vm_read;

/* Processes */
op_run run_fork, run_uid, run_netns, run_unshare, run_nap;

/* io_uring */
op_run run_uring, run_uring_buffers;

#endif /* FUZZ_OPS_H */
