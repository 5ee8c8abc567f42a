/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is used of libtracefs and of libtraceevent, which it brings along.  Their headers are
 * not needed to build the command: these are the functions of libtracefs.so.1, which have not
 * changed since 1.6 (Debian 12).
 */
#ifndef IPCCHAN_CLI_TRACE_LIB_H
#define IPCCHAN_CLI_TRACE_LIB_H

#include <stdbool.h>
#include <stddef.h>

struct tep_handle;
struct tep_event;
struct tracefs_instance;
struct tracefs_cpu;
struct kbuffer;

/* How it begins in event-parse.h; the rest is not looked at. */
struct tep_format_field {
	struct tep_format_field *next;
	struct tep_event *event;
	char *type;
	char *name;
	char *alias;
	int offset;
	int size;
};

/* Of enum kbuffer_long_size and enum kbuffer_endian: as this machine has them. */
#define KBUFFER_LSIZE_SAME_AS_HOST	2
#define KBUFFER_ENDIAN_SAME_AS_HOST	2

/* In the order of the symbols in trace_lib.c */
struct trace_lib {
	int (*tracing_dir_is_mounted)(bool mount, const char **path);
	struct tracefs_instance *(*instance_create)(const char *name);
	int (*instance_destroy)(struct tracefs_instance *instance);
	void (*instance_free)(struct tracefs_instance *instance);
	int (*instance_file_write)(struct tracefs_instance *instance, const char *file,
				   const char *text);
	char *(*instance_file_read)(struct tracefs_instance *instance, const char *file,
				    int *size);
	struct tracefs_cpu *(*cpu_open)(struct tracefs_instance *instance, int cpu,
					bool nonblock);
	void (*cpu_close)(struct tracefs_cpu *cpu);
	int (*cpu_read)(struct tracefs_cpu *cpu, void *buffer, bool nonblock);
	int (*cpu_read_size)(struct tracefs_cpu *cpu);
	struct tep_handle *(*tep_alloc)(void);
	void (*tep_free)(struct tep_handle *tep);
	int (*tep_parse_format)(struct tep_handle *tep, struct tep_event **event,
				const char *text, unsigned long size, const char *system);
	struct tep_event *(*tep_find_event)(struct tep_handle *tep, int id);
	struct tep_format_field *(*tep_find_any_field)(struct tep_event *event,
						       const char *name);
	int (*tep_read_number_field)(struct tep_format_field *field, const void *data,
				     unsigned long long *value);
	void (*tep_set_loglevel)(int level);
	struct kbuffer *(*kbuffer_alloc)(int size, int endian);
	void (*kbuffer_free)(struct kbuffer *buffer);
	int (*kbuffer_load_subbuffer)(struct kbuffer *buffer, void *data);
	void *(*kbuffer_read_event)(struct kbuffer *buffer, unsigned long long *ns);
	void *(*kbuffer_next_event)(struct kbuffer *buffer, unsigned long long *ns);
	int (*kbuffer_missed_events)(struct kbuffer *buffer);
};

/**
 * trace_lib_load() - fill it
 * @why: out, why that failed
 * @size: of @why, bytes
 *
 * Return: 0; -ENOENT.
 */
int trace_lib_load(struct trace_lib *lib, char *why, size_t size);

#endif /* IPCCHAN_CLI_TRACE_LIB_H */
