// SPDX-License-Identifier: GPL-2.0
#include "trace_lib.h"

#include "dynlib.h"

static const char *const symbols[] = {
	"tracefs_tracing_dir_is_mounted", "tracefs_instance_create",
	"tracefs_instance_destroy", "tracefs_instance_free", "tracefs_instance_file_write",
	"tracefs_instance_file_read", "tracefs_cpu_open", "tracefs_cpu_close",
	"tracefs_cpu_read", "tracefs_cpu_read_size", "tep_alloc", "tep_free",
	"tep_parse_format", "tep_find_event", "tep_find_any_field", "tep_read_number_field",
	"tep_set_loglevel", "kbuffer_alloc", "kbuffer_free", "kbuffer_load_subbuffer",
	"kbuffer_read_event", "kbuffer_next_event", "kbuffer_missed_events", NULL,
};

_Static_assert(sizeof(symbols) - sizeof(*symbols) == sizeof(struct trace_lib),
	       "a symbol for each function");

static const struct dynlib libtracefs = {
	.file = "libtracefs.so.1", .package = "libtracefs1", .symbols = symbols,
};

int trace_lib_load(struct trace_lib *lib, char *why, size_t size)
{
	int err = dynlib_load(&libtracefs, lib, why, size);

	/* It says on stderr what it cannot parse, of how an event is printed, which nobody asks. */
	if (!err)
		lib->tep_set_loglevel(0);
	return err;
}
