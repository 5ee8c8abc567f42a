/* SPDX-License-Identifier: GPL-2.0 */
/* A table with aligned columns on the standard output. */
#ifndef IPCCHAN_CLI_TABLE_H
#define IPCCHAN_CLI_TABLE_H

#include <stddef.h>

/* Owned by table_new() and table_free(); its cells are copies. */
struct table;

/**
 * table_new() - an empty table
 * @columns: cells of a row
 * @left: bit n set: column n is aligned to the left, else to the right
 *
 * Return: the table, NULL when memory is short.
 */
struct table *table_new(size_t columns, unsigned long left);

/**
 * table_cell() - add the next cell, row by row
 *
 * Memory shortage is remembered and told by table_print().
 */
void table_cell(struct table *table, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * table_print() - print all rows, two blanks between the columns
 *
 * Return: 0; -ENOMEM when a cell is missing for want of memory: nothing is printed.
 */
int table_print(const struct table *table);

/** table_free() - free it; may be NULL */
void table_free(struct table *table);

#endif /* IPCCHAN_CLI_TABLE_H */
