/* SPDX-License-Identifier: GPL-2.0 */
/* Two networks that a virtual cable joins, as two hosts. */
#ifndef CLAIMS_VETH_H
#define CLAIMS_VETH_H

#include <stdint.h>
#include <sys/types.h>

/**
 * veth_namespace() - leave the network of this process for an empty one
 *
 * Without privileges it becomes the root of a user namespace of its own.
 * Return: 0; negative errno.
 */
int veth_namespace(void);

/**
 * veth_make() - a cable from this network to that of another process
 * @peer: the process
 *
 * Return: 0; negative errno.
 */
int veth_make(pid_t peer);

/**
 * veth_up() - give the own end of the cable its address, and switch it on
 * @address: in the order of this machine
 *
 * Return: 0; negative errno.
 */
int veth_up(uint32_t address);

#endif /* CLAIMS_VETH_H */
