// SPDX-License-Identifier: GPL-2.0
#include "../transport.h"

extern const struct transport transport_ipcchan_copy,
	transport_ipcchan_copy_sync, transport_ipcchan_batch, transport_ipcchan_call,
	transport_ipcchan_map,
	transport_ipcchan_loan, transport_ipcchan_loan_copy, transport_ipcchan_loan_revoke,
	transport_ipcchan_ring, transport_ipcchan_spin,
	transport_pipe, transport_fifo,
	transport_unix_stream, transport_unix_dgram, transport_unix_seqpacket,
	transport_tcp, transport_udp, transport_posix_mq, transport_sysv_mq, transport_binder, transport_process_vm_readv,
	transport_shm_futex, transport_shm_spin;

const struct transport *const transports[] = {
	&transport_ipcchan_copy,
	&transport_ipcchan_copy_sync,
	&transport_ipcchan_batch,
	&transport_ipcchan_call,
	&transport_ipcchan_map,
	&transport_ipcchan_loan,
	&transport_ipcchan_loan_copy,
	&transport_ipcchan_loan_revoke,
	&transport_ipcchan_ring,
	&transport_ipcchan_spin,
	&transport_pipe,
	&transport_fifo,
	&transport_unix_stream,
	&transport_unix_dgram,
	&transport_unix_seqpacket,
	&transport_tcp,
	&transport_udp,
	&transport_posix_mq,
	&transport_sysv_mq,
	&transport_binder,
	&transport_process_vm_readv,
	&transport_shm_futex,
	&transport_shm_spin,
	NULL,
};
